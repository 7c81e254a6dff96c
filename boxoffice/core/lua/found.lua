-- Begins the queue of a concert on this server, or goes on after a loss, with what Postgres knows.
--
-- Inputs     KEYS 1-7 as in prelude.lua, which is not run before this; 8 payers as in payers.lua
--            ARGV identity of the database, key of stubs, base: a number above every one that was
--            ever given, '1' where there was a queue before, seed of the draw or '', then names
--            and values of settings
-- Result     the base in force
-- Invariant  numbers only grow; may be run again at any time. A queue of another database is
--            removed and its tokens, of numbers up to the floor, are unknown from now on, so
--            that nobody's place becomes somebody else's. So is what a version left that noted no
--            server: it kept too little of a place.

local call = redis.call
local KEY_SETTINGS, KEY_LINE, KEY_WAITING = KEYS[1], KEYS[2], KEYS[3]
local database, stub_key, base, lost, seed = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1', ARGV[5]
local SETTINGS_FROM = 6
local NUMBER_MAX = 2 ^ 53
if not (base and base >= 0 and base <= NUMBER_MAX) then  -- also for nan
  return redis.error_reply('ERR found needs a base')
end
if #KEYS < 8 then return redis.error_reply('ERR found needs all its keys') end

local known = call('HGET', KEY_LINE, 'database')
local is_foreign = known and known ~= database
local floor = is_foreign and call('HGET', KEY_LINE, 'number') or '0'
if is_foreign or call('HEXISTS', KEY_LINE, 'run') == 0 then call('UNLINK', unpack(KEYS)) end
local clock = call('TIME')
local ahead, last = unpack(call('HMGET', KEY_LINE, 'ahead', 'time'))  -- as in prelude.lua
local server_ms = tonumber(clock[1]) * 1000 + math.floor(clock[2] / 1000) + (tonumber(ahead) or 0)
local now = string.format('%.0f', math.max(server_ms, tonumber(last) or 0))
if call('HEXISTS', KEY_LINE, 'run') == 0 then
  local run = string.match(call('INFO', 'server'), 'run_id:(%w+)')
  call('HSET', KEY_LINE, 'run', run, 'time', now, 'floor', floor)
  if lost then call('HSET', KEY_LINE, 'recover_from', now, 'lost_at', now, 'recall', now) end
end
base = math.max(base, floor, tonumber(call('HGET', KEY_LINE, 'number')) or 0)
local text = string.format('%.0f', base)
call('HSET', KEY_LINE, 'database', database, 'stub_key', stub_key, 'number', text, 'base', text)
if seed ~= '' then call('HSET', KEY_LINE, 'seed', seed) end
local was_before_the_draw = call('HGET', KEY_SETTINGS, 'state') == 'pre'
call('DEL', KEY_SETTINGS)
for index = SETTINGS_FROM, #ARGV, 2 do call('HSET', KEY_SETTINGS, ARGV[index], ARGV[index + 1]) end
-- Postgres was told of the end of `pre`, and whoever did that came no further.
if was_before_the_draw and call('HGET', KEY_SETTINGS, 'state') ~= 'pre' and seed ~= '' then
  call('HSET', KEY_LINE, 'drawn', call('ZCOUNT', KEY_WAITING, '-inf', '(0'))
end
return text
