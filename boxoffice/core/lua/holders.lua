-- Admits people whose seats are held, after a loss, as far as the capacity allows.
--
-- Inputs     ARGV own: '1' where these are the last of them, then user and ms that his hold
--            still lasts, in the order in which they are to be admitted
-- Result     how many of these are admitted now
-- Invariant  never above the capacity; an admission is never made shorter; may be run again

local last_of_them = ARGV[OWN] == '1'
local admitted = 0
expire()
for index = OWN + 1, #ARGV, 2 do
  local user, left_ms = ARGV[index], number_in(ARGV[index + 1], 0, 1e12) or 0
  local state, place = look(user)
  if state == 'admitted' or call('ZCARD', KEY.admitted) < set.capacity then
    if state == 'ended' then
      place = {number = call('HINCRBY', KEY.line, 'number', 1), latest = 0, terminal = 0, since = now}
    end
    if state == 'waiting' then leave_line(user) end
    place.claimed = true
    place.ends = math.max(place.ends or 0, now + left_ms)
    place.latest = math.max(place.latest, now + set.admission_seconds_max * 1000, place.ends)
    save_admission(user, place)
    admitted = admitted + 1
  end
end
if last_of_them and line.recall then
  call('HDEL', KEY.line, 'recall')
  if line.recover_from then call('HSET', KEY.line, 'recover_from', text_of(now)) end
end
return admitted
