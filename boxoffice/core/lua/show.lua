-- Tells staff how a queue stands: its figures and the first people in it.
--
-- Inputs     ARGV own: how many people to name of each kind
-- Result     {state, waiting, admitted, capacity, rate a minute, wait seconds of who joins now
--            (false: unknown), {user, ...} waiting in order, {user, end ms, ...} admitted}
-- Invariant  nobody counts as seen because staff looked

settle()
local people_max = number_in(ARGV[OWN], 1, 1000) or 1
local waiting = call('ZCARD', KEY.waiting)
return {set.state, waiting, call('ZCARD', KEY.admitted), set.capacity, set.rate_per_minute,
        wait_seconds(waiting),
        call('ZRANGE', KEY.waiting, 0, people_max - 1),
        call('ZRANGE', KEY.admitted, 0, people_max - 1, 'WITHSCORES')}
