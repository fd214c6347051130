#!/bin/sh
# Run once by the PostgreSQL image on an empty volume: an owner that is no superuser, since a superuser passes
# by row-level security, and the role that requests step down to.
set -e
psql -v ON_ERROR_STOP=1 -v password="$GRAFT_OWNER_PASSWORD" -U "$POSTGRES_USER" <<'SQL'
create role graft_app nologin;
create role graft_owner login password :'password';
grant graft_app to graft_owner;
create database graft owner graft_owner;
SQL
