-- The towns the company knows, with their sales territory, and the place that stands for all others.
SELECT
    g.country,
    g.city,
    g.country_name,
    g.region_name,
    g.territory_code,
    t.territory_name,
    t.sales_region
FROM standardized.geography AS g
LEFT JOIN standardized.territories AS t ON t.territory_code = g.territory_code
UNION ALL
SELECT
    'unknown' AS country,
    'unknown' AS city,
    'Unknown country' AS country_name,
    NULL AS region_name,
    NULL AS territory_code,
    NULL AS territory_name,
    NULL AS sales_region
