-- From version 5 of the schema to version 6: a server takes what comes in from an inbox.

-- How far each inbox has been taken in.
CREATE TABLE taken (
    inbox               VARCHAR NOT NULL,
    position            UBIGINT NOT NULL
);

UPDATE meta SET schema_version = 6;
