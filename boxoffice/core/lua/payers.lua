-- Notes who has paid, after a loss: a stub that was issued before is of a place that ended.
--
-- Inputs     KEYS 8 payers ZSET (user -> paid, ms); ARGV own: user and ms since he paid, ...
-- Result     how many are noted in all
-- Invariant  a note is never made earlier; may be run again. Durations, since Postgres has another clock

local PAYERS_SECONDS = 604800  -- longer than people are kept from coming back

for index = OWN, #ARGV, 2 do
  call('ZADD', KEYS[8], 'GT', text_of(now - (number_in(ARGV[index + 1], 0, 1e12) or 0)), ARGV[index])
end
call('PEXPIRE', KEYS[8], PAYERS_SECONDS * 1000)
return call('ZCARD', KEYS[8])
