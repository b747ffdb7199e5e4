-- From version 3 of the schema to version 4: facts carry their area, their week and their day in UTC;
-- places have columns for the labels of a network; it is kept which report is of which
-- hazard, and which numbers hazards have in other systems.

CREATE TABLE area (
    id                  VARCHAR NOT NULL,
    time_zone           VARCHAR NOT NULL,
    name                VARCHAR,
    west_deg            DOUBLE,
    south_deg           DOUBLE,
    east_deg            DOUBLE,
    north_deg           DOUBLE,
    languages           VARCHAR NOT NULL,
    operator            VARCHAR,
    contact             VARCHAR,
    licence             VARCHAR,
    k                   UINTEGER,
    retention_days      UINTEGER
);
INSERT INTO area (id, time_zone, languages) VALUES ('default', 'UTC', '');

ALTER TABLE trip ADD COLUMN area VARCHAR DEFAULT 'default';
ALTER TABLE trip ADD COLUMN iso_week VARCHAR;
ALTER TABLE trip ADD COLUMN utc_day DATE;
UPDATE trip SET iso_week = strftime(stamp_day, '%G-W%V'), utc_day = stamp_day;
ALTER TABLE said ADD COLUMN area VARCHAR DEFAULT 'default';
ALTER TABLE known_feature ADD COLUMN area VARCHAR DEFAULT 'default';

ALTER TABLE hazard ADD COLUMN segment_id VARCHAR;
ALTER TABLE hazard ADD COLUMN network_version VARCHAR;
ALTER TABLE hazard ADD COLUMN from_m DOUBLE;
ALTER TABLE hazard ADD COLUMN to_m DOUBLE;
ALTER TABLE hazard ADD COLUMN lane VARCHAR;
ALTER TABLE hazard ADD COLUMN district VARCHAR;
ALTER TABLE coverage ADD COLUMN segment_id VARCHAR;
ALTER TABLE coverage ADD COLUMN network_version VARCHAR;
ALTER TABLE coverage ADD COLUMN from_m DOUBLE;
ALTER TABLE coverage ADD COLUMN to_m DOUBLE;
ALTER TABLE coverage ADD COLUMN lane VARCHAR;
ALTER TABLE coverage ADD COLUMN district VARCHAR;

CREATE TABLE reported (
    report              VARCHAR NOT NULL,
    hazard              VARCHAR NOT NULL
);

CREATE TABLE reference (
    hazard              VARCHAR NOT NULL,
    system              VARCHAR NOT NULL,
    id                  VARCHAR NOT NULL,
    url                 VARCHAR,
    status              VARCHAR,
    at_utc              TIMESTAMP NOT NULL
);

UPDATE meta SET schema_version = 4, projected_revision = NULL;
