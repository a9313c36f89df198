-- A line keeps its row whatever is unknown about it: it goes to the unknown customer, the unknown product, or both.
WITH known AS (
    SELECT
        o.order_number,
        o.line_number,
        o.order_date,
        o.stock_date,
        o.territory_number,
        o._source AS source_name,
        o.quantity,
        coalesce(x.customer_id, 'unknown') AS customer_id,
        coalesce(p.product_number, 'unknown') AS product_number
    FROM standardized.sales AS o
    LEFT JOIN (SELECT source_key, customer_id FROM resolved.xref WHERE source = 'customers') AS x
        ON x.source_key = o.customer_number
    LEFT JOIN mart.dim_product AS p
        ON p.product_number = o.product_number
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
    k.territory_number,
    k.stock_date,
    k.quantity,
    p.list_price AS unit_price,
    CAST(k.quantity * p.list_price AS DECIMAL(28, 4)) AS revenue,
    p.list_price_currency AS currency
FROM known AS k
INNER JOIN version AS v
    ON v.customer_id = k.customer_id AND k.order_date >= v.first_day AND k.order_date < v.next_version
INNER JOIN mart.dim_date AS d ON d.full_date = k.order_date
INNER JOIN mart.dim_product AS p ON p.product_number = k.product_number
INNER JOIN mart.dim_source AS s ON s.source_name = k.source_name
