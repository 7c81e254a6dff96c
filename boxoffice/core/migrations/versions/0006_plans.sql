-- How a plan is drawn: what a file says beyond its seats, for an export and for maps.
--
-- Colours, areas and texts, where zones and rows begin, and what other programs know a seat by.
-- Nobody asks for a part of it, so it is one value (docs/plans.md says what is in it).

ALTER TABLE venues
    ADD COLUMN drawing jsonb NOT NULL DEFAULT '{}',
    ADD CONSTRAINT venues_drawing_object CHECK (jsonb_typeof(drawing) = 'object');
