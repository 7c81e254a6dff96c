-- Notes who has paid, after a loss: a stub that was issued before is of a place that ended, and
-- so is an admission whose end the server had not yet written down.
--
-- Inputs     KEYS 8 payers ZSET (user -> paid, ms); ARGV own: user and ms since he paid, ...
-- Result     how many are noted in all
-- Invariant  nobody who waits loses the place; a note is never made earlier; may be run again. Durations, since Postgres has another clock

local PAYERS_SECONDS = 604800  -- longer than people are kept from coming back
local PAID_DOUBT_MS = 30000    -- as in restore.lua

for index = OWN, #ARGV, 2 do
  local user, paid = ARGV[index], now - (number_in(ARGV[index + 1], 0, 1e12) or 0)
  call('ZADD', KEYS[8], 'GT', text_of(paid), user)
  local state, place = look(user)
  if state == 'admitted' and place.claimed and place.since + PAID_DOUBT_MS < paid then end_admission(user) end
end
call('PEXPIRE', KEYS[8], PAYERS_SECONDS * 1000)
return call('ZCARD', KEYS[8])
