-- What is read of a track with what a person corrected, for lists. Among the functions, which select from it.
create view sfa.effective_headlines as
select t.id as track_id, coalesce(ct.bpm, b.bpm) as bpm, coalesce(ck.tonic, k.tonic) as tonic,
       coalesce(ck.mode, k.mode) as mode, coalesce(ck.camelot, k.camelot) as camelot, l.integrated_lufs
  from tracks t
  left join tempos b on b.track_id = t.id and b.rank = 0
  left join corrected_tempos ct on ct.track_id = t.id
  left join keys k on k.track_id = t.id and k.rank = 0
  left join corrected_keys ck on ck.track_id = t.id
  left join loudness l on l.track_id = t.id;
