-- When the last run of a track ended: the desk shows the newest of ten thousand without asking the runs of each.
alter table listings add column ended_at timestamptz;
