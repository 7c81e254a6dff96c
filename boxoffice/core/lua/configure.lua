-- Changes the settings of a queue; with the state `pre` its places are kept for a draw, which is
-- held when that state ends.
--
-- Inputs     ARGV own: seed of the draw or '', then names and values of settings ('': the default)
-- Result     {'done', places drawn by this call or false}; or {'busy'}, {'drawn'}: nothing changed
-- Invariant  at most one draw a concert, and only where nobody had come before it. Drawn places
--            are in their order from the moment they are taken, so that the start costs nothing.

local seed = ARGV[OWN]
local wanted = {}
for index = OWN + 1, #ARGV, 2 do wanted[ARGV[index]] = ARGV[index + 1] end
local state = wanted.state == '' and 'open' or wanted.state or set.configured

local drawn = false
if state == 'pre' and set.configured ~= 'pre' then
  if call('HEXISTS', KEY.line, 'drawn') == 1 then return {'drawn'} end
  expire()
  if call('ZCARD', KEY.waiting) + call('ZCARD', KEY.admitted) > 0 then return {'busy'} end
  if seed ~= '' then call('HSET', KEY.line, 'seed', seed) end
elseif state ~= 'pre' and set.configured == 'pre' and call('HEXISTS', KEY.line, 'seed') == 1 then
  drawn = call('ZCOUNT', KEY.waiting, '-inf', '(0')
  call('HSET', KEY.line, 'drawn', drawn)
end
-- Now the minute begins in which people come back before anybody is admitted.
if recovering and not ADMITS[set.configured] and ADMITS[state] then
  call('HSET', KEY.line, 'recover_from', text_of(now))
end
for name, value in pairs(wanted) do
  if value == '' then call('HDEL', KEY.settings, name) else call('HSET', KEY.settings, name, value) end
end
return {'done', drawn}
