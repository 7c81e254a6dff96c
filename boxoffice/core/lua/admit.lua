-- Moves the line without anybody's place in mind: what a worker calls, and an operator's look.
--
-- Inputs     none of its own
-- Result     {state, waiting, admitted, capacity, rate a minute}
-- Invariant  several callers at once are as good as one

settle()
return {set.state, call('ZCARD', KEY.waiting), call('ZCARD', KEY.admitted), set.capacity, set.rate_per_minute}
