-- Tells of one queue what must hold in it. A script of its own: it moves nothing and writes nothing.
--
-- Inputs     KEYS 1-6 of one concert: settings, line, waiting, admitted, places, seen (see
--            prelude.lua); ARGV default capacity, how many users to name of each kind
-- Result     {admitted whose end has not come, capacity, waiting, those of them with a last
--            sight, highest number in the line, last number given (both as text),
--            {user both waiting and admitted, ...}, {user in the queue without a record or
--            the other way round, ...}}
-- Invariant  reads only; costs O(admitted), and of the waiting only what is counted while that is right

local call = redis.call
local settings, line, waiting, admitted, places, seen = unpack(KEYS)
local named_max = tonumber(ARGV[2])

local clock = call('TIME')
local ahead, last = unpack(call('HMGET', line, 'ahead', 'time'))
local server_ms = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + (tonumber(ahead) or 0)
local now = math.max(server_ms, tonumber(last) or 0)

local function name(users, user)
  if #users < named_max then users[#users + 1] = user end
end

local both, unmatched = {}, {}
for _, user in ipairs(call('ZRANGE', admitted, 0, -1)) do
  if call('ZSCORE', waiting, user) then name(both, user) end
  if call('HEXISTS', places, user) == 0 then name(unmatched, user) end
end
-- A record of nobody, or somebody waiting without one: only then are all of them looked at.
if #unmatched > 0 or call('HLEN', places) ~= call('ZCARD', admitted) + call('ZCARD', waiting) then
  for _, user in ipairs(call('ZRANGE', waiting, 0, -1)) do
    if call('HEXISTS', places, user) == 0 then name(unmatched, user) end
  end
  for _, user in ipairs(call('HKEYS', places)) do
    if not call('ZSCORE', admitted, user) and not call('ZSCORE', waiting, user) then name(unmatched, user) end
  end
end

local highest = call('ZRANGE', waiting, -1, -1, 'WITHSCORES')[2] or '0'
return {call('ZCOUNT', admitted, '(' .. string.format('%.0f', now), '+inf'),
        tonumber(call('HGET', settings, 'capacity')) or tonumber(ARGV[1]),
        call('ZCARD', waiting), call('ZCARD', seen),
        highest, call('HGET', line, 'number') or '0', both, unmatched}
