-- Says whether the owner of a token may act now; claims and counts as being seen. With a
-- number of seconds it also makes an admission last at least so long.
--
-- Inputs     KEYS 8 token; ARGV seconds that the admission shall still last, 0 for no change
-- Result     {'waiting' | 'admitted' | 'ended' | 'taken', user, position, end ms, ms left,
--            database}, with false for what does not apply; or {'unknown'}
-- Invariant  an admission is never made shorter, nor longer than admission_seconds_max from its claim

local RENEWAL_SECONDS_MAX = 86400

local wanted = number_in(ARGV[OWN], 0, RENEWAL_SECONDS_MAX)
if not wanted then return redis.error_reply('ERR check needs seconds') end

settle()
local user, token = owner(presented)
if not user then return {'unknown'} end
local state, place = look_and_touch(user, token)
local database = call('HGET', KEY.line, 'database')
if state == 'waiting' then return {state, user, position_of(place), false, false, database} end
if state ~= 'admitted' then return {state, user, false, false, false, database} end

local wanted_end = math.min(now + wanted * 1000, place.latest)
if wanted > 0 and place.ends < wanted_end then
  place.ends = wanted_end
  save_admission(user, place)
end
return {state, user, false, text_of(place.ends), text_of(place.ends - now), database}
