-- One row per answer to a survey question.
-- grain: source_system, response_ref, question_ref
with

once as (
    select *
    from validated.responses
    qualify row_number() over (partition by source_system, response_ref, question_ref order by answered_at desc, row_key) = 1
),

keys as (select * from identity.keys)

select
    once.source_system,                                    -- System it was exported from.
    once.response_ref,                                     -- The source's id of the whole response.
    once.question_ref,                                     -- The source's id of the question.
    coalesce(
        users.customer_id, people.customer_id, cards.customer_id, mails.customer_id, phones.customer_id,
        clients.customer_id
    ) as customer_id,                                      -- Customer who answered; null when anonymous.
    once.answered_at,                                      -- When it was answered, UTC.
    once.question,                                         -- Wording of the question.
    once.score,                                            -- Numeric answer.
    once.score_kind,                                       -- nps, csat or ces.
    once.scale_min,                                        -- Lowest answer possible.
    once.scale_max,                                        -- Highest answer possible.
    once.text,                                             -- Answer in words.
    once.asked_about,                                      -- What was asked about.
    once.order_ref,                                        -- Order asked about.
    once.agent_ref,                                        -- Member of staff asked about.
    once.location_ref,                                     -- Store or branch asked about.
    once.is_complete,                                      -- The person finished the survey.
    once.is_test,                                          -- Preview or test response.
    once.file_id,                                          -- File it was read from; see ops.files.
    once.line_number                                       -- Line of that file.
from once
left join keys as users on users.kind = 'user_id' and users.written = once.user_id
left join keys as people on people.kind = 'person_key' and people.written = once.source_system || ' ' || once.person_key
left join keys as cards on cards.kind = 'loyalty_id' and cards.written = once.loyalty_id
left join keys as mails on mails.kind = 'email' and mails.written = once.email
left join keys as phones on phones.kind = 'phone' and phones.written = once.phone
left join keys as clients on clients.kind = 'client_id' and clients.written = once.client_id
