-- Tells staff how a queue stands: its figures and the first people in it.
--
-- Inputs     ARGV own: how many people to name of each kind
-- Result     {state, waiting, admitted, capacity, rate a minute, wait seconds of who joins now
--            (false: unknown), {user, ...} waiting in order, {user, end ms, ...} admitted}
-- Invariant  nobody counts as seen because staff looked, and nobody sees an order before the draw

settle()
local people_max = number_in(ARGV[OWN], 1, 1000) or 1
local waiting = call('ZCARD', KEY.waiting)
local shown = set.configured == 'pre' and {} or call('ZRANGE', KEY.waiting, 0, people_max - 1)
return {set.state, waiting, call('ZCARD', KEY.admitted), set.capacity, set.rate_per_minute,
        wait_seconds(waiting), shown,
        call('ZRANGE', KEY.admitted, 0, people_max - 1, 'WITHSCORES')}
