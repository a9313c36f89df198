-- Every source by its name in the pipeline, with the name that people use and the system it belongs to.
SELECT
    column1 AS source_name,
    column2 AS source_title,
    column3 AS system_name
FROM (
    VALUES
    ('crm', 'Accounts of the sales desk', 'Legacy CRM'),
    ('account_owners', 'Sales people', 'Legacy CRM'),
    ('account_assignments', 'Who looks after which account', 'Legacy CRM'),
    ('territories', 'Sales territories', 'Legacy CRM'),
    ('merged_numbers', 'Numbers merged into others', 'Legacy CRM'),
    ('web_customers', 'Accounts of the web shop', 'Web shop'),
    ('web_orders', 'Order lines', 'Web shop'),
    ('web_payments', 'Payments', 'Web shop'),
    ('web_returns', 'Returns', 'Web shop'),
    ('web_events', 'Visits', 'Web shop'),
    ('products', 'Products', 'Stock system'),
    ('product_prices', 'Prices and costs', 'Stock system'),
    ('geography', 'Towns', 'Stock system'),
    ('leads', 'Leads', 'Sales teams'' worksheets'),
    ('profitability', 'Profitability analysis', 'Finance department'),
    ('callers', 'Callers', 'Call centre'),
    ('call_cases', 'Cases', 'Call centre'),
    ('interactions', 'Interactions', 'Call centre'),
    ('campaigns', 'Campaigns', 'Campaign tool'),
    ('campaign_contacts', 'Contacts', 'Campaign tool'),
    ('campaign_messages', 'Messages', 'Campaign tool'),
    ('campaign_clicks', 'Clicks', 'Campaign tool'),
    ('campaign_responses', 'Responses', 'Campaign tool'),
    ('consents', 'Consents', 'Campaign tool'),
    ('opt_outs', 'Opt-outs', 'Campaign tool'),
    ('loyalty_members', 'Members', 'Loyalty scheme'),
    ('loyalty_rewards', 'Points', 'Loyalty scheme'),
    ('contract_holders', 'Contracts', 'Contracts'),
    ('subscriptions', 'Subscriptions', 'Contracts')
)
