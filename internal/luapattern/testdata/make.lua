-- Writes lua54.txt: patterns, texts, and what Lua says of them: yes, no or malformed. Run: lua5.4 make.lua > lua54.txt
math.randomseed(20260101)

local texts = {"", "a", "main", "release/1.2", "feature/ab-ab", "((a)b)", "THE (quick) fox", "aab]%", "a\nb\t-_^$.z0Z\0", "abab/abab"}
local parts = {"a", "b", ".", "%a", "%d", "%W", "%s", "%p", "[ab]", "[^a]", "[]]", "[^]-]", "[a-z0-9]", "[%w_-]", "[%]]", "[b-]",
  "[z-a]", "[-a]", "[a-%]]", "[^%s%d]", "^", "$", "%%", "%.", "/", "-", "]", "%g", "%x", "%u", "%l", "%c", "%S", "%z", "%q", "%Q", "\0"}
local alone = {"%f[%w]", "%f[%W]", "%f[%z]", "%f[^%z]", "%b()", "%bab", "%baa"}
local wrong = {"(", ")", "%1", "%2", "%0", "[", "[]", "[^", "[^]", "[%]", "[a", "%", "%b", "%b(", "%f", "%fa", "(%1)", "()%2"}
local repeats = {"", "", "", "*", "+", "-", "?"}

local function any(list) return list[math.random(#list)] end

local function quote(s)
  return '"' .. s:gsub("[^%w/_%- .*+?%%()^$%[%]]", function(c) return string.format("\\x%02x", c:byte()) end) .. '"'
end

local seen = {}
local function ask(pattern, text, print_only)
  local key = pattern .. "\1" .. text
  if seen[key] then return end
  seen[key] = true
  local ok, from = pcall(string.find, text, pattern)
  local answer = not ok and "malformed" or from and "yes" or "no"
  if not print_only or answer == print_only then print(quote(pattern) .. "\t" .. quote(text) .. "\t" .. answer) end
end

-- random is a pattern that is not malformed. A reference follows captures that have ended.
local function random(length)
  local pattern, ended = math.random(3) == 1 and "^" or "", 0
  for _ = 1, length do
    local dice = math.random(10)
    if dice == 1 then
      pattern = pattern .. any(alone)
    elseif dice == 2 then
      local inner = any({"", ".", "a", ".-", "%w+", "[ab]*", "(a)b", "a()"})
      pattern, ended = pattern .. "(" .. inner .. ")", ended + 1 + select(2, inner:gsub("%(", ""))
    elseif dice == 3 and ended > 0 then
      pattern = pattern .. "%" .. math.random(ended)
    else
      pattern = pattern .. any(parts) .. any(repeats)
    end
  end
  return pattern .. (math.random(4) == 1 and "$" or "")
end

for _, list in ipairs({parts, alone}) do
  for _, part in ipairs(list) do
    for _, text in ipairs(texts) do
      ask(part, text)
      ask("^" .. part .. "*$", text)
    end
  end
end
for _ = 1, 2000 do ask(random(math.random(4)), any(texts)) end
-- Lua says that a pattern is malformed only where its search comes to the place.
for _ = 1, 300 do ask(any({"", ".-", "(.-)", "a*"}) .. any(wrong) .. any({"", "", "a", "$"}), any(texts), "malformed") end
