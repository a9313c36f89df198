-- Who are our ten best customers, how many systems know them, and how much credit does the sales desk give them?
WITH sales AS (
    SELECT d.customer_id, sum(f.revenue) AS revenue, count(DISTINCT f.order_number) AS orders
    FROM fact_sales AS f
    INNER JOIN dim_customer AS d ON d.customer_key = f.customer_key
    WHERE d.customer_id <> 'unknown'
    GROUP BY d.customer_id
),
systems AS (
    SELECT
        customer_id,
        count(*) AS records,
        count(DISTINCT source_name) AS systems
    FROM customer_xref
    GROUP BY customer_id
)
SELECT
    c.customer_id,
    c.given_name,
    c.family_name,
    c.city,
    s.orders,
    CAST(s.revenue AS DECIMAL(18, 2)) AS revenue_usd,
    x.systems,
    x.records,
    CAST(c.credit_limit AS DECIMAL(18, 2)) AS credit_limit_usd
FROM sales AS s
INNER JOIN dim_customer AS c ON c.customer_id = s.customer_id AND c.is_current
INNER JOIN systems AS x ON x.customer_id = s.customer_id
ORDER BY s.revenue DESC, c.customer_id
LIMIT 10
