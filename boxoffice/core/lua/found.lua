-- Begins the queue of a concert on this server, or goes on after a loss, with what Postgres knows.
--
-- Inputs     KEYS 1-7 as in prelude.lua, which is not run before this
--            ARGV identity of the database, key of stubs, base: a number above every one that was
--            ever given, '1' where there was a queue before, seed of the draw or '', then names
--            and values of settings
-- Result     the base in force
-- Invariant  numbers only grow; may be run again at any time. A queue of another database is
--            removed and its tokens, of numbers up to the floor, are unknown from now on, so
--            that nobody's place becomes somebody else's.

local call = redis.call
local KEY_LINE, KEY_SETTINGS = KEYS[2], KEYS[1]
local database, stub_key, base, lost, seed = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1', ARGV[5]
local SETTINGS_FROM = 6
local NUMBER_MAX = 2 ^ 53
if not (base and base >= 0 and base <= NUMBER_MAX) then  -- also for nan
  return redis.error_reply('ERR found needs a base')
end

local known = call('HGET', KEY_LINE, 'database')
local floor = '0'
if known and known ~= database then
  floor = call('HGET', KEY_LINE, 'number') or '0'
  for index = 1, 7 do call('UNLINK', KEYS[index]) end
end
local clock = call('TIME')
local last = tonumber(call('HGET', KEY_LINE, 'time')) or 0
local now = string.format('%.0f', math.max(tonumber(clock[1]) * 1000 + math.floor(clock[2] / 1000), last))
if call('HEXISTS', KEY_LINE, 'run') == 0 then
  local run = string.match(call('INFO', 'server'), 'run_id:(%w+)')
  call('HSET', KEY_LINE, 'run', run, 'time', now, 'floor', floor)
  if lost then call('HSET', KEY_LINE, 'recover_from', now, 'recall', now) end
end
base = math.max(base, floor, tonumber(call('HGET', KEY_LINE, 'number')) or 0)
local text = string.format('%.0f', base)
call('HSET', KEY_LINE, 'database', database, 'stub_key', stub_key, 'number', text, 'base', text)
if seed ~= '' then call('HSET', KEY_LINE, 'seed', seed) end
call('DEL', KEY_SETTINGS)
for index = SETTINGS_FROM, #ARGV, 2 do call('HSET', KEY_SETTINGS, ARGV[index], ARGV[index + 1]) end
return text
