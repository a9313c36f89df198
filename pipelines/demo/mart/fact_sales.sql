-- A line keeps its row whatever is unknown about it: guests and accounts that nobody knows go to the unknown customer,
-- products that the stock system no longer has to the unknown product.
WITH known AS (
    SELECT
        o.order_number,
        o.line_number,
        o.order_date,
        coalesce(x.customer_id, 'unknown') AS customer_id,
        coalesce(p.product_code, 'unknown') AS product_code,
        o._source AS source_name,
        o.quantity,
        o.unit_price,
        o.currency,
        o.order_channel
    FROM standardized.web_orders AS o
    LEFT JOIN (SELECT source_key, customer_id FROM resolved.xref WHERE source = 'web_customers') AS x
        ON x.source_key = o.shop_number
    LEFT JOIN mart.dim_product AS p
        ON p.product_code = o.product_code
),
-- From when to when each version of a customer answers for orders: the first from the beginning of time, because nothing
-- older is known, each until the next one begins.
version AS (
    SELECT
        customer_key,
        customer_id,
        CASE WHEN version = 1 THEN DATE '0001-01-01' ELSE valid_from END AS first_day,
        coalesce(lead(valid_from) OVER (PARTITION BY customer_id ORDER BY version), DATE '9999-12-31') AS next_version
    FROM mart.dim_customer
)
SELECT
    k.order_number,
    k.line_number,
    k.order_date,
    d.date_key,
    v.customer_key,
    p.product_key,
    s.source_system_key,
    k.quantity,
    k.unit_price,
    CAST(k.quantity * k.unit_price AS DECIMAL(28, 4)) AS revenue,
    k.currency,
    k.order_channel
FROM known AS k
INNER JOIN version AS v
    ON v.customer_id = k.customer_id AND k.order_date >= v.first_day AND k.order_date < v.next_version
INNER JOIN mart.dim_date AS d ON d.full_date = k.order_date
INNER JOIN mart.dim_product AS p ON p.product_code = k.product_code
INNER JOIN mart.dim_source AS s ON s.source_name = k.source_name
