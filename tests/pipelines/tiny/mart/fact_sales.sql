WITH version AS (
    SELECT
        customer_key,
        customer_id,
        CASE WHEN version = 1 THEN DATE '0001-01-01' ELSE valid_from END AS first_day,
        coalesce(lead(valid_from) OVER (PARTITION BY customer_id ORDER BY version), DATE '9999-12-31') AS next_version
    FROM mart.dim_customer
)
SELECT
    o.order_number,
    o.line,
    o.order_date,
    v.customer_key,
    o.quantity,
    CAST(o.quantity * o.price AS DECIMAL(28, 4)) AS revenue
FROM standardized.orders AS o
LEFT JOIN (SELECT source_key, customer_id FROM resolved.xref WHERE source = 'shop') AS x ON x.source_key = o.customer
LEFT JOIN version AS v
    ON v.customer_id = x.customer_id AND o.order_date >= v.first_day AND o.order_date < v.next_version
