-- How much did we sell in each of the last twelve months, and how much in the same month a year before?
WITH monthly AS (
    SELECT
        d.year,
        d.month,
        d.month_name,
        coalesce(sum(f.revenue), 0) AS revenue,
        count(DISTINCT f.order_number) AS orders
    FROM dim_date AS d
    LEFT JOIN fact_sales AS f ON f.date_key = d.date_key
    GROUP BY d.year, d.month, d.month_name
),
last_month AS (
    SELECT max(d.year * 12 + d.month) AS number
    FROM fact_sales AS f
    INNER JOIN dim_date AS d ON d.date_key = f.date_key
)
SELECT
    m.year,
    m.month_name,
    m.orders,
    CAST(m.revenue AS DECIMAL(18, 2)) AS revenue_usd,
    CAST(b.revenue AS DECIMAL(18, 2)) AS year_before_usd,
    CAST(round(100.0 * (m.revenue - b.revenue) / nullif(b.revenue, 0), 1) AS DECIMAL(9, 1)) AS growth_percent
FROM monthly AS m
CROSS JOIN last_month AS l
LEFT JOIN monthly AS b ON b.year = m.year - 1 AND b.month = m.month
WHERE m.year * 12 + m.month > l.number - 12 AND m.year * 12 + m.month <= l.number
ORDER BY m.year, m.month
