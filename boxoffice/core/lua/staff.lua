-- Counts staff who sell beside the line: a session counts for a minute after each sale.
--
-- Inputs     KEYS 8 sessions ZSET (session -> last sale, ms); ARGV own: session
-- Result     {1 where this session may sell, sessions that sell now, how many may}
-- Invariant  never more sessions at once than the allowance

local SESSION_MS = 60000

local session = ARGV[OWN]
call('ZREMRANGEBYSCORE', KEYS[8], '-inf', text_of(now - SESSION_MS))
local selling = call('ZCARD', KEYS[8])
local known = call('ZSCORE', KEYS[8], session)
if not known and selling >= set.staff_allowance then return {0, selling, text_of(set.staff_allowance)} end
call('ZADD', KEYS[8], text_of(now), session)
call('PEXPIRE', KEYS[8], SESSION_MS)
return {1, known and selling or selling + 1, text_of(set.staff_allowance)}
