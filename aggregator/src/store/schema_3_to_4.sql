-- From version 3 of the schema to version 4: hazards have numbers in other systems.

CREATE TABLE reference (
    hazard              VARCHAR NOT NULL,
    system              VARCHAR NOT NULL,
    id                  VARCHAR NOT NULL,
    url                 VARCHAR,
    status              VARCHAR,
    at_utc              TIMESTAMP NOT NULL
);

UPDATE meta SET schema_version = 4, projected_revision = NULL;
