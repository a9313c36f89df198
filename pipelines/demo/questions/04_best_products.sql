-- Which ten products earned the most in the last year, and what is left of it after their cost?
WITH last_year AS (
    SELECT max(d.year) AS year
    FROM fact_sales AS f
    INNER JOIN dim_date AS d ON d.date_key = f.date_key
)
SELECT
    p.product_code,
    p.product_name,
    p.category,
    sum(f.quantity) AS pieces,
    CAST(sum(f.revenue) AS DECIMAL(18, 2)) AS revenue_usd,
    CAST(sum(f.revenue - f.quantity * p.unit_cost) AS DECIMAL(18, 2)) AS margin_usd,
    CAST(round(100.0 * sum(f.revenue - f.quantity * p.unit_cost) / nullif(sum(f.revenue), 0), 1) AS DECIMAL(9, 1)) AS margin_percent
FROM fact_sales AS f
INNER JOIN dim_date AS d ON d.date_key = f.date_key
INNER JOIN last_year AS y ON y.year = d.year
INNER JOIN dim_product AS p ON p.product_key = f.product_key
WHERE p.product_code <> 'unknown'
GROUP BY p.product_code, p.product_name, p.category
ORDER BY sum(f.revenue) DESC, p.product_code
LIMIT 10
