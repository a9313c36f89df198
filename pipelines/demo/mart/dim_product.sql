-- The products sold today, and the member that stands for any other that an old order names.
SELECT
    product_code,
    product_name,
    category,
    list_price,
    list_price_currency,
    unit_cost,
    unit_cost_currency
FROM standardized.products
UNION ALL
SELECT
    'unknown' AS product_code,
    'Unknown product' AS product_name,
    NULL AS category,
    NULL AS list_price,
    NULL AS list_price_currency,
    NULL AS unit_cost,
    NULL AS unit_cost_currency
