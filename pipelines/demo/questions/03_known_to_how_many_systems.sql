-- The data steward asks: how many systems know a customer, in how many records, and what does each group bring in?
WITH systems AS (
    SELECT customer_id, count(DISTINCT source_name) AS systems, count(*) AS records
    FROM customer_xref
    GROUP BY customer_id
),
sales AS (
    SELECT d.customer_id, sum(f.revenue) AS revenue
    FROM fact_sales AS f
    INNER JOIN dim_customer AS d ON d.customer_key = f.customer_key
    GROUP BY d.customer_id
)
SELECT
    coalesce(x.systems, 0) AS systems,
    count(x.customer_id) AS customers,
    coalesce(sum(x.records), 0) AS records,
    coalesce(max(x.records), 0) AS most_records,
    sum(CASE WHEN x.customer_id IS NOT NULL AND s.customer_id IS NOT NULL THEN 1 ELSE 0 END) AS buyers,
    CAST(coalesce(sum(s.revenue), 0) AS DECIMAL(18, 2)) AS revenue_usd
FROM systems AS x
FULL JOIN sales AS s ON s.customer_id = x.customer_id
GROUP BY x.systems
ORDER BY systems
