-- The product list, and the member that stands for any product that is not in it.
SELECT
    product_number,
    sku,
    product_name,
    model_name,
    subcategory_number,
    color,
    size,
    style,
    unit_cost,
    unit_cost_currency,
    list_price,
    list_price_currency
FROM standardized.products
UNION ALL
SELECT
    'unknown' AS product_number,
    NULL AS sku,
    'Unknown product' AS product_name,
    NULL AS model_name,
    NULL AS subcategory_number,
    NULL AS color,
    NULL AS size,
    NULL AS style,
    NULL AS unit_cost,
    NULL AS unit_cost_currency,
    NULL AS list_price,
    NULL AS list_price_currency
