-- The canonical tables of a workspace. Importers fill these; views.sql reads them;
-- nothing else in the engine does.

CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);

CREATE TABLE users (user_id VARCHAR PRIMARY KEY);

CREATE TABLE items (
    item_id     VARCHAR PRIMARY KEY,
    title       VARCHAR,           -- NULL where the source has none
    description VARCHAR
);

-- Users and items that no profile or catalogue names: they are there because events (or friends) are,
-- and go with the last of these.
CREATE TABLE implied (kind VARCHAR NOT NULL /* user or item */, id VARCHAR NOT NULL);

-- Every further column of the source, one row a value; cells that are lists are split.
CREATE TABLE item_attributes (item_id VARCHAR NOT NULL, attribute VARCHAR NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE user_attributes (user_id VARCHAR NOT NULL, attribute VARCHAR NOT NULL, value VARCHAR NOT NULL);

-- What each attribute column is taken to be; only roles attribute, list and number make interests.
CREATE TABLE columns (
    owner     VARCHAR NOT NULL,    -- item or user
    name      VARCHAR NOT NULL,
    role      VARCHAR NOT NULL,    -- attribute, list, number, text, date, url, image, id or ignore
    separator VARCHAR NOT NULL,    -- what its cells were split at beside |; empty where nothing else
    decided   VARCHAR NOT NULL,    -- 'guess' or 'person'
    why       VARCHAR NOT NULL
);

-- Tags that users gave to items: kept apart from item_attributes, because a tag on a
-- test pair leaks it and must be dropped with the pair.
CREATE TABLE tags (user_id VARCHAR NOT NULL, item_id VARCHAR NOT NULL, tag VARCHAR NOT NULL, timestamp TIMESTAMP);

CREATE TABLE events (
    event_id   BIGINT NOT NULL,    -- 0, 1, 2 …: position in the cleaned, sorted source; no index, which
                                   -- would cost more than all else at ten million events
    -- The compressions are what DuckDB comes to, or close to it: to try all of them takes a third of an import.
    user_id    VARCHAR NOT NULL USING COMPRESSION zstd,
    item_id    VARCHAR NOT NULL USING COMPRESSION dict_fsst,
    event      VARCHAR NOT NULL USING COMPRESSION dict_fsst,   -- purchase, click, rating, listen …, lower case
    weight     DOUBLE,             -- amount ≥ 0: quantity, hours, plays; NULL = 1
    rating     DOUBLE,             -- on the source's own scale; NULL where there is none
    timestamp  TIMESTAMP,          -- UTC
    session_id VARCHAR USING COMPRESSION dict_fsst
);

-- How much one event of a kind says, -1 against an interest to 1 for it, and what it is: 'use', 'opinion' or
-- 'shown'. A kind that is not known has an assumed strength.
CREATE TABLE event_types (
    event VARCHAR PRIMARY KEY, strength DOUBLE NOT NULL, role VARCHAR NOT NULL, known BOOLEAN NOT NULL
);

-- At most one row: the marks of the ratings' scale, and which of several opinions on an item counts ('last',
-- 'first' or 'mean'). Without a row all ratings say the same.
CREATE TABLE rating_scale (
    lowest DOUBLE NOT NULL, disliked DOUBLE NOT NULL, liked DOUBLE NOT NULL, highest DOUBLE NOT NULL,
    repeats VARCHAR NOT NULL
);
-- Values in the place of a rating that mean "no rating".
CREATE TABLE no_rating (value DOUBLE PRIMARY KEY, why VARCHAR NOT NULL);

CREATE TABLE kg (
    head_id    VARCHAR NOT NULL,   -- an item_id or an entity
    relation   VARCHAR NOT NULL,
    tail_id    VARCHAR NOT NULL,   -- an entity, or an item_id
    tail_label VARCHAR NOT NULL,
    source     VARCHAR NOT NULL,   -- 'given' or what the file says, 'linked', or the rule that derived it
    confidence DOUBLE NOT NULL DEFAULT 1 CHECK (confidence > 0 AND confidence <= 1)
);

-- Triples of rules that a build leaves out unless its options name them: kg is the graph in use.
CREATE TABLE kg_offered (
    head_id VARCHAR NOT NULL, relation VARCHAR NOT NULL, tail_id VARCHAR NOT NULL, tail_label VARCHAR NOT NULL,
    source VARCHAR NOT NULL, confidence DOUBLE NOT NULL CHECK (confidence > 0 AND confidence <= 1)
);

-- Names in a given graph that may mean items; an accepted one is replaced by its item in v_kg.
CREATE TABLE kg_links (
    node_id VARCHAR NOT NULL, label VARCHAR NOT NULL, item_id VARCHAR NOT NULL,
    score   DOUBLE NOT NULL CHECK (score > 0 AND score <= 1),
    verdict VARCHAR NOT NULL,      -- 'accepted', 'review' or 'rejected'
    decided VARCHAR NOT NULL       -- 'rule' or 'person'
);

CREATE TABLE social (user_id VARCHAR NOT NULL, friend_id VARCHAR NOT NULL, weight DOUBLE NOT NULL);

CREATE TABLE feedback (user_id VARCHAR NOT NULL, item_id VARCHAR NOT NULL, kind VARCHAR NOT NULL, timestamp TIMESTAMP);

-- Advertisements (campaigns, coupons, banners), what they are for, and what users did with them.
CREATE TABLE ads (
    ad_id  VARCHAR PRIMARY KEY,
    title  VARCHAR,
    starts TIMESTAMP,              -- UTC; NULL where the period is open or not known
    ends   TIMESTAMP
);
CREATE TABLE ad_attributes (ad_id VARCHAR NOT NULL, attribute VARCHAR NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE ad_items (ad_id VARCHAR NOT NULL, item_id VARCHAR NOT NULL);
CREATE TABLE ad_events (
    user_id   VARCHAR NOT NULL,
    ad_id     VARCHAR NOT NULL,
    kind      VARCHAR NOT NULL,    -- shown (or targeted), clicked, redeemed
    timestamp TIMESTAMP
);

-- The receipt of the import: accepted + repaired + rejected = read, per file.
CREATE TABLE import_files (
    file VARCHAR NOT NULL, target VARCHAR NOT NULL,
    read BIGINT NOT NULL, accepted BIGINT NOT NULL, repaired BIGINT NOT NULL, rejected BIGINT NOT NULL
);
CREATE TABLE import_reasons (
    file VARCHAR NOT NULL, rule VARCHAR NOT NULL,
    action VARCHAR NOT NULL,       -- 'repaired' or 'rejected'
    count BIGINT NOT NULL, explanation VARCHAR NOT NULL
);
CREATE TABLE import_examples (file VARCHAR NOT NULL, rule VARCHAR NOT NULL, row_number BIGINT, content VARCHAR NOT NULL);
