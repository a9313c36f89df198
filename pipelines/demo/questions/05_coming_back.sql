-- Of the customers who bought in a year, how many had bought in an earlier year, and what share of the revenue is theirs?
WITH bought AS (
    SELECT c.customer_id, d.year, sum(f.revenue) AS revenue
    FROM fact_sales AS f
    INNER JOIN dim_customer AS c ON c.customer_key = f.customer_key
    INNER JOIN dim_date AS d ON d.date_key = f.date_key
    WHERE c.customer_id <> 'unknown'
    GROUP BY c.customer_id, d.year
),
placed AS (
    SELECT year, revenue, min(year) OVER (PARTITION BY customer_id) AS first_year
    FROM bought
)
SELECT
    year,
    count(*) AS customers,
    sum(CASE WHEN first_year < year THEN 1 ELSE 0 END) AS came_back,
    CAST(round(100.0 * sum(CASE WHEN first_year < year THEN 1 ELSE 0 END) / count(*), 1) AS DECIMAL(9, 1)) AS came_back_percent,
    CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue_usd,
    CAST(
        round(100.0 * sum(CASE WHEN first_year < year THEN revenue ELSE 0 END) / nullif(sum(revenue), 0), 1)
        AS DECIMAL(9, 1)
    ) AS of_it_came_back_percent
FROM placed
GROUP BY year
ORDER BY year
