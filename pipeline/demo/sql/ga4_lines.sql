-- One row per event: its day, and its line of the export.
with

placed as (
    select
        e.*, s.event, s.page, t.*, o.purchase_params, o.purchase_text,
        case s.page
            when 'landing' then t.landing_url
            when 'again' then t.again_url
            when 'product' then t.product_url
            when 'product_2' then t.product_url_2
            when 'collection' then t.collection_url
            when 'search' then 'https://shop.example.com/search?q=green+tea&page=1'
            when 'cart' then 'https://shop.example.com/cart'
            when 'account' then 'https://shop.example.com/account/login'
            when 'contact' then 'https://shop.example.com/pages/wholesale'
            when 'thanks' then 'https://shop.example.com/checkout/thank-you'
            when 'end' then t.product_url
            else 'https://shop.example.com/checkout'
        end as url
    from chunk_events as e
    join visit_texts as t on t.visit = e.visit
    join steps as s on s.step = e.step
    left join order_texts as o on o.order_place = e.order_place
)

select
    event_date,
    mixer,
    event_us,
    '{"event_date":"' || event_date || '","event_timestamp":"' || event_us || '","event_name":"' || event || '","event_params":['
    || session_params
    || case when mixer % 10 < 7 then text_param('session_engaged', '1') else int_param('session_engaged', 1) end
    || ',' || text_param('page_location', url)
    || case
        when page = 'landing' and event in ('session_start', 'page_view') then landing_params
        when page = 'again' then again_params
        when page = 'payment_return' then
            ',' || text_param('source', 'paypal.com') || ',' || text_param('medium', 'referral') || ',' || text_param('campaign', '(referral)')
            || ',' || text_param('page_referrer', 'https://www.paypal.com/')
        else ''
    end
    || case event
        when 'user_engagement' then ',' || int_param('engagement_time_msec', 1000 + mixer % 50000)
        when 'scroll' then ',' || int_param('percent_scrolled', 90) || ',' || int_param('engagement_time_msec', 1000 + mixer % 9000)
        when 'page_view' then ',' || text_param('page_title', 'Fernhollow Tea')
        when 'view_search_results' then ',' || text_param('search_term', 'green tea')
        when 'purchase' then purchase_params
        else ''
    end
    || ']'
    || case when is_known then user_text else '' end
    || tail
    || case
        when page = 'landing' and event in ('session_start', 'page_view') then landing_collected
        when page = 'again' then again_collected
        else ''
    end
    || case when event in ('view_item', 'add_to_cart') then case when page = 'product_2' then item_text_2 else item_text end
            when event = 'purchase' then purchase_text else '' end
    || ',"batch_event_index":"' || (1 + mixer % 4) || '"}' as line
from placed
