-- What people use today: plain tables that a script fills from cron, and one materialized view over everything.
CREATE TABLE plain_1m (LIKE cygni.metrics_1m, UNIQUE (tenant_id, metric, project_id, bucket));
CREATE TABLE plain_1h (LIKE cygni.metrics_1m, UNIQUE (tenant_id, metric, project_id, bucket));
CREATE TABLE plain_1d (LIKE cygni.metrics_1m, UNIQUE (tenant_id, metric, project_id, bucket));
