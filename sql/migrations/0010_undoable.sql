-- What a person does to the library can be undone.
create trigger journal after insert or update or delete on tracks
    for each row execute function journal('id', '-priority', '-by_hand');
create trigger journal after insert or update or delete on track_tags
    for each row execute function journal('track_id', 'tag_id');
create trigger journal after insert or update or delete on crates
    for each row execute function journal('id');
create trigger journal after insert or update or delete on playlists
    for each row execute function journal('id');
create trigger journal after insert or update or delete on playlist_items
    for each row execute function journal('id');

create trigger journal after update on separations
    for each row execute function journal('run_id');

comment on table track_tags is 'tag';
comment on table playlist_items is 'place in a playlist';
comment on table separations is 'separation';
