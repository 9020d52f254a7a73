-- The only way the engine reads data. Values that a model consumes are in [-1, 1].

-- One row an event with what it says. Its signal, in [-1, 1], is how far its rating lies from the user's
-- neutral point towards the end of the scale, or its kind's strength. The neutral point is the mean of the
-- user's ratings and ten at the middle between dislike and like, kept to the inner half between those two:
-- people use scales differently, but what is disliked on the scale stays disliked. The amount is what the
-- event counts: having chosen what one rates says a little for it (0.2), whatever the rating or without one,
-- and sizes (hours, pieces) multiply what was done, not what was said.
CREATE OR REPLACE VIEW v_events AS
WITH read AS (
    SELECT e.* REPLACE (CASE WHEN n.value IS NULL THEN e.rating END AS rating),
           coalesce(t.strength, 0.5) AS strength, coalesce(t.role, 'use') AS role,
           (n.value IS NOT NULL OR e.rating IS NULL) AND e.event IN ('interaction', 'rating', 'rate')
           AND EXISTS (FROM rating_scale WHERE highest > lowest) AS unrated
    FROM events e LEFT JOIN event_types t USING (event) LEFT JOIN no_rating n ON n.value = e.rating
), raters AS (  -- whole numbers, since sums of floats depend on their order
    SELECT user_id, sum(CAST(round(rating * 1e6) AS BIGINT)) / 1e6 AS total, count(*) AS n
    FROM read WHERE rating IS NOT NULL GROUP BY user_id
), neutral AS (
    SELECT user_id, lowest, highest,
           greatest(0.75 * disliked + 0.25 * liked, least(0.25 * disliked + 0.75 * liked,
               (total + 10 * (disliked + liked) / 2) / (n + 10))) AS point
    FROM raters CROSS JOIN rating_scale WHERE highest > lowest
), told AS (
    SELECT r.*, p.point IS NOT NULL AND r.rating IS NOT NULL AND r.role <> 'shown' AND r.strength > 0 AS rated,
           greatest(-1, least(1, (r.rating - p.point) / CASE WHEN r.rating >= p.point THEN p.highest - p.point
                                                             ELSE p.point - p.lowest END)) AS opinion
    FROM read r LEFT JOIN neutral p USING (user_id)
)
SELECT
    event_id, user_id, item_id, event, weight, rating, timestamp, session_id,
    CASE WHEN rated THEN 'opinion' ELSE role END AS role,
    CASE WHEN rated THEN opinion WHEN unrated THEN 0 ELSE strength END AS signal,
    CASE WHEN rated THEN 0.2 + 0.8 * opinion
         WHEN unrated THEN 0.2
         WHEN role = 'use' AND strength > 0 THEN strength * coalesce(weight, 1)
         ELSE strength END AS amount
FROM told;

-- One row a (user, item) with a history: whatever happened was more than being shown. Of several opinions one
-- counts (by default the last; those of one moment by their mean), what was done is summed; an opinion
-- against the item stands against all of it. The signal, in [-1, 1], is log(1 + |amount|) over the user's
-- maximum, with the amount's sign. Sums of floats depend on their order, and equal data must give equal
-- bytes: hence ORDER BY.
CREATE OR REPLACE VIEW v_history AS
WITH acts AS (
    SELECT user_id, item_id, count(*) AS n_events, max(timestamp) AS last_time,
           sum(amount ORDER BY amount) FILTER (role = 'use') AS used, bool_and(signal = 0) AS unsaid
    FROM v_events WHERE role <> 'shown' GROUP BY ALL
), moments AS (
    SELECT user_id, item_id, coalesce(timestamp, TIMESTAMP '1000-01-01') AS moment,
           sum(CAST(round(amount * 1e9) AS BIGINT)) AS amounts, count(*) AS n,
           sum(CAST(round(rating * 1e6) AS BIGINT)) AS ratings, count(rating) AS n_rated
    FROM v_events WHERE role = 'opinion' GROUP BY ALL
), chosen AS (
    SELECT user_id, item_id,
           CASE (SELECT any_value(repeats) FROM rating_scale)
               WHEN 'first' THEN min_by((amounts, n, ratings, n_rated), moment)
               WHEN 'mean' THEN (sum(amounts), sum(n), sum(ratings), sum(n_rated))
               ELSE max_by((amounts, n, ratings, n_rated), moment) END AS one
    FROM moments GROUP BY ALL
), opinions AS (
    SELECT user_id, item_id, one[1] / (1e9 * one[2]) AS said, one[3] / (1e6 * nullif(one[4], 0)) AS rating FROM chosen
), pairs AS (
    SELECT a.user_id, a.item_id, n_events, last_time, rating, unsaid,
           CASE WHEN said IS NULL THEN coalesce(used, 0) WHEN said < 0 THEN said
                ELSE greatest(coalesce(used, 0), 0) + said END AS amount
    FROM acts a LEFT JOIN opinions o USING (user_id, item_id)
)
SELECT p.user_id, p.item_id, amount, n_events, last_time, rating,
       coalesce(sign(amount) * ln(1 + abs(amount))
                / nullif(max(ln(1 + abs(amount))) OVER (PARTITION BY user_id), 0), 0) AS signal,
       amount > 0 AND coalesce(rating >= s.liked, NOT unsaid) AS liked
FROM pairs p LEFT JOIN (SELECT liked FROM rating_scale WHERE highest > lowest) s ON true;

-- Pairs that speak for an interest, with their strength in (0, 1].
CREATE OR REPLACE VIEW v_pairs AS
SELECT user_id, item_id, amount, n_events, last_time, rating, signal AS strength FROM v_history WHERE amount > 0;

-- Pairs that must not be recommended again, liked or not.
CREATE OR REPLACE VIEW v_seen AS SELECT user_id, item_id FROM v_history;

-- Age of a pair in the user's history, in items: 0 is the newest. Items of one moment have one age, the mean
-- of the places that they take together, (first + last) / 2: which of them came first nobody knows.
-- Dated pairs only.
CREATE OR REPLACE VIEW v_recency AS
SELECT user_id, item_id, last_time, (rank() OVER newest + count(*) OVER newest) / 2 - 1 AS age
FROM v_history WHERE last_time IS NOT NULL WINDOW newest AS (PARTITION BY user_id ORDER BY last_time DESC);

CREATE OR REPLACE VIEW v_users AS
SELECT u.user_id, coalesce(p.n_items, 0) AS n_items, coalesce(p.n_events, 0) AS n_events, p.last_time
FROM users u LEFT JOIN (
    SELECT user_id, count(*) AS n_items, sum(n_events)::BIGINT AS n_events, max(last_time) AS last_time
    FROM v_history GROUP BY user_id
) p USING (user_id);

CREATE OR REPLACE VIEW v_items AS
SELECT i.item_id, i.title, i.description, coalesce(i.title, i.item_id) AS label,
       coalesce(p.n_users, 0) AS n_users
FROM items i LEFT JOIN (SELECT item_id, count(*) AS n_users FROM v_pairs GROUP BY item_id) p USING (item_id);

-- What each attribute column is taken to be.
CREATE OR REPLACE VIEW v_columns AS SELECT owner, name, role, separator, decided, why FROM columns;

-- Values of the attributes that can be interests, numbers with many values cut into five bands of about
-- equal size, equal numbers in one band; n says how many users gave a tag, 1 for what the source says itself.
CREATE OR REPLACE VIEW v_item_values AS
WITH typed AS (
    SELECT a.item_id, a.attribute, a.value, try_cast(a.value AS DOUBLE) AS number, c.role = 'number' AS numeric
    FROM item_attributes a JOIN columns c ON c.owner = 'item' AND c.name = a.attribute
    WHERE c.role IN ('attribute', 'list', 'number')
), banded AS (
    SELECT item_id, attribute, number, min(fifth) OVER (PARTITION BY attribute, number) AS band
    FROM (
        SELECT *, ntile(5) OVER (PARTITION BY attribute ORDER BY number) AS fifth
        FROM typed WHERE numeric AND number IS NOT NULL
    )
), limits AS (
    SELECT attribute, band, min(number) AS lo, max(number) AS hi FROM banded GROUP BY ALL
), every AS (
    SELECT item_id, attribute, value, 1 AS n FROM typed WHERE NOT numeric
    UNION ALL
    SELECT b.item_id, b.attribute, printf('%.10g – %.10g', l.lo, l.hi), 1 FROM banded b JOIN limits l USING (attribute, band)
    UNION ALL
    SELECT item_id, 'tag', tag, count(DISTINCT user_id) FROM tags GROUP BY item_id, tag
)
SELECT item_id, attribute, value, max(n) AS n FROM every GROUP BY ALL;

-- Words of an item: its title, its description, and each attribute's values in order; URLs, names of files,
-- markup, hashes and numbers are no words.
CREATE OR REPLACE VIEW v_item_words AS
WITH said AS (
    SELECT item_id, 'title' AS role, NULL AS attribute, title AS value FROM items
    UNION ALL
    SELECT item_id, 'description', NULL, description FROM items
    UNION ALL
    SELECT a.item_id, c.role, a.attribute, a.value
    FROM item_attributes a JOIN columns c ON c.owner = 'item' AND c.name = a.attribute
    WHERE c.role IN ('attribute', 'list', 'text') AND try_cast(a.value AS DOUBLE) IS NULL
), cleaned AS (
    SELECT item_id, role, attribute,
           trim(regexp_replace(regexp_replace(value, '(?i)<[^<>]*>|(https?:)?//[^\s<>)\]]+|\bwww\.[^\s<>)\]]+|[^\s]+\.(jpe?g|png|gif|webp|svg|bmp|tiff?|mp[34]|pdf|zip)\b|\b([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,})\b', ' ', 'g'), '\s+', ' ', 'g')) AS word
    FROM said
)
SELECT item_id, role, attribute, string_agg(word, ', ' ORDER BY word) AS words
FROM cleaned WHERE word <> ''
GROUP BY ALL;

-- What a text of an item is made of; NULL where there are no words.
CREATE OR REPLACE VIEW v_item_parts AS
SELECT item_id,
       any_value(words) FILTER (role = 'title') AS title,
       string_agg(replace(attribute, '_', ' ') || ': ' || words, '. ' ORDER BY attribute)
           FILTER (role IN ('attribute', 'list')) AS attributes,
       nullif(concat_ws(
           '. ',
           rtrim(any_value(words) FILTER (role = 'description'), '. '),
           string_agg(rtrim(words, '. '), '. ' ORDER BY attribute) FILTER (role = 'text')
       ), '') AS description
FROM items LEFT JOIN v_item_words USING (item_id)
GROUP BY item_id;

-- What the language model reads of an item by the usual template; NULL where the source has no words at all.
-- Attributes stand before the description: a model reads the beginning of long texts only, and they tell
-- items apart.
CREATE OR REPLACE VIEW v_item_text AS
SELECT item_id, nullif(concat_ws('. ', title, attributes, description), '') AS text FROM v_item_parts;

-- Pictures of items, as the source names them.
CREATE OR REPLACE VIEW v_item_images AS
SELECT a.item_id, a.value AS url
FROM item_attributes a JOIN columns c ON c.owner = 'item' AND c.name = a.attribute AND c.role = 'image';

-- Knowledge graph edges, marked by whether each end is an item. A triple about a name that was linked
-- to an item is there in its linked form only; rule is 'given' for what the source's file says.
CREATE OR REPLACE VIEW v_kg AS
WITH every AS (
    SELECT *, false AS offered FROM kg UNION ALL SELECT *, true FROM kg_offered
), linked AS (
    SELECT DISTINCT node_id FROM kg_links WHERE verdict = 'accepted'
)
SELECT k.head_id, k.relation, k.tail_id, k.tail_label, k.source, k.confidence, k.offered,
       CASE WHEN k.source IN ('attribute', 'decade', 'franchise', 'hierarchy', 'text', 'linked') THEN k.source
            ELSE 'given' END AS rule,
       h.item_id IS NOT NULL AS head_is_item, t.item_id IS NOT NULL AS tail_is_item
FROM every k
LEFT JOIN items h ON h.item_id = k.head_id LEFT JOIN items t ON t.item_id = k.tail_id
LEFT JOIN linked x ON x.node_id = k.head_id LEFT JOIN linked y ON y.node_id = k.tail_id
WHERE k.source = 'linked' OR (x.node_id IS NULL AND y.node_id IS NULL);

-- Friendships both ways, tie strength in (0, 1].
CREATE OR REPLACE VIEW v_social AS
WITH ties AS (
    SELECT user_id, friend_id, weight FROM social
    UNION ALL SELECT friend_id, user_id, weight FROM social
)
SELECT user_id, friend_id, max(weight) / (SELECT max(weight) FROM social) AS strength
FROM ties WHERE user_id <> friend_id AND weight > 0 GROUP BY user_id, friend_id;

CREATE OR REPLACE VIEW v_ads AS
SELECT a.ad_id, coalesce(a.title, a.ad_id) AS label, a.starts, a.ends,
       coalesce(i.n_items, 0) AS n_items, coalesce(e.n_redeemed, 0) AS n_redeemed, coalesce(e.n_shown, 0) AS n_shown
FROM ads a
LEFT JOIN (SELECT ad_id, count(*) AS n_items FROM ad_items GROUP BY ad_id) i USING (ad_id)
LEFT JOIN (
    SELECT ad_id, count(DISTINCT user_id) FILTER (kind = 'redeemed') AS n_redeemed,
           count(DISTINCT user_id) FILTER (kind = 'shown') AS n_shown
    FROM ad_events GROUP BY ad_id
) e USING (ad_id);

CREATE OR REPLACE VIEW v_ad_items AS SELECT ad_id, item_id FROM ad_items;

CREATE OR REPLACE VIEW v_ad_values AS SELECT ad_id, attribute, value FROM ad_attributes;

CREATE OR REPLACE VIEW v_ad_events AS SELECT user_id, ad_id, kind, timestamp FROM ad_events;
-- What the source says beside events and titles, as it was imported.
CREATE OR REPLACE VIEW v_item_attributes AS SELECT item_id, attribute, value FROM item_attributes;
CREATE OR REPLACE VIEW v_user_attributes AS SELECT user_id, attribute, value FROM user_attributes;
CREATE OR REPLACE VIEW v_tags AS SELECT user_id, item_id, tag, timestamp FROM tags;
CREATE OR REPLACE VIEW v_feedback AS SELECT user_id, item_id, kind, timestamp FROM feedback;
