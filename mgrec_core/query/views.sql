-- Further views of the SQL box, over tables that the engine reads otherwise. They lie in the
-- query's own memory; `data` is the workspace's database.
CREATE VIEW v_user_attributes AS SELECT user_id, attribute, value FROM data.main.user_attributes;
CREATE VIEW v_item_attributes AS SELECT item_id, attribute, value FROM data.main.item_attributes;
CREATE VIEW v_tags AS SELECT user_id, item_id, tag, timestamp FROM data.main.tags;
CREATE VIEW v_feedback AS SELECT user_id, item_id, kind, timestamp FROM data.main.feedback;
