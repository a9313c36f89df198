-- The regional managers ask: which sales territory do the customers who buy live in, and what did they buy in the last two years?
WITH last_year AS (
    SELECT max(d.year) AS year
    FROM fact_sales AS f
    INNER JOIN dim_date AS d ON d.date_key = f.date_key
)
SELECT
    coalesce(g.sales_region, 'unknown') AS sales_region,
    coalesce(g.territory_name, 'unknown') AS territory,
    count(DISTINCT c.customer_id) AS customers,
    CAST(sum(CASE WHEN d.year = y.year - 1 THEN f.revenue ELSE 0 END) AS DECIMAL(18, 2)) AS year_before_usd,
    CAST(sum(CASE WHEN d.year = y.year THEN f.revenue ELSE 0 END) AS DECIMAL(18, 2)) AS last_year_usd
FROM fact_sales AS f
INNER JOIN dim_date AS d ON d.date_key = f.date_key
CROSS JOIN last_year AS y
INNER JOIN dim_customer AS c ON c.customer_key = f.customer_key
LEFT JOIN dim_geography AS g ON g.country = c.country AND g.city = c.city
WHERE d.year >= y.year - 1
GROUP BY g.sales_region, g.territory_name
ORDER BY last_year_usd DESC, territory
