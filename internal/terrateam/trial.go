package terrateam

import (
	"slices"
	"strings"

	"whichrole/internal/problem"
	"whichrole/internal/tagquery"
)

// A guess is which branch tag a dirspace might have, by kind: "" is none.
type guess [2]string

// A trial is one evaluation under a guess. It notes the tags of unknown branches that it was asked for.
type trial struct {
	s       *space
	guess   guess
	touched [2][]string
	nested  bool // it finds the stack, which no stack's query can ask for
	found   *stackFound
	err     error // of the stacks
}

const stackTag = "stack_name:"

// has tells whether the dirspace has the tag.
func (t *trial) has(tag string) bool {
	t.s.work++
	if t.s.static[tag] {
		return true
	}
	for i := range t.s.kinds {
		k := &t.s.kinds[i]
		if key, ok := strings.CutPrefix(tag, k.prefix); ok && k.has(key) {
			if !k.known {
				t.touch(i, key)
			}
			return t.guess[i] == key
		}
	}
	if name, ok := strings.CutPrefix(tag, stackTag); ok && !t.nested {
		return slices.Contains(t.stack().names(), name)
	}
	return false
}

// touch notes a tag, up to more than are tried.
func (t *trial) touch(kind int, key string) {
	if len(t.touched[kind]) <= maxGuesses {
		t.touched[kind] = append(t.touched[kind], key)
	}
}

// stackFound is what stack a dirspace is in, and how it was found out.
type stackFound struct {
	stack   *stack
	touched [2][]string
	err     error
}

// stack is the one that the dirspace is in; nil for the one that is meant where nothing is written.
func (t *trial) stack() *stack {
	if len(t.s.c.stacks.leaves) == 0 {
		return nil
	}
	if t.found != nil {
		return t.found.stack
	}
	f, ok := t.s.stacks[t.guess]
	if !ok {
		f = t.s.findStack(t.guess)
		if t.s.stacks == nil {
			t.s.stacks = map[guess]stackFound{}
		}
		t.s.stacks[t.guess] = f
	}
	t.found, t.err = &f, f.err
	for i, keys := range f.touched {
		for _, key := range keys {
			t.touch(i, key)
		}
	}
	return f.stack
}

// findStack wants exactly one, as Terrateam does.
func (s *space) findStack(g guess) (f stackFound) {
	t := &trial{s: s, guess: g, nested: true}
	s.work += int64(len(s.c.stacks.leaves))
	for _, leaf := range s.c.stacks.leaves {
		switch {
		case !leaf.query.Match(s.dir, t.has):
		case f.stack == nil:
			f.stack = leaf
		default:
			f.err = problem.New(problem.NoEnvironment, "%s: %s belongs to two stacks, %s and %s", s.c.name, shorten(s.dir), shorten(f.stack.name), shorten(leaf.name))
		}
	}
	if f.stack == nil && s.c.stacks.byName[defaultStack] != nil {
		f.err = problem.New(problem.NoEnvironment, "%s: %s belongs to no stack, not even to the one called default", s.c.name, shorten(s.dir))
	}
	f.touched = t.touched
	return f
}

// matches tells whether the query in that line matches. A branch is asked for only if the answer depends on it; the error is
// that it is not known then.
func (s *space) matches(q *tagquery.Query, line int) (bool, error) {
	s.work += int64(q.Size())
	return settle(s, line, func(t *trial) bool { return q.Match(s.dir, t.has) })
}

// maxGuesses bounds the trials of one query: with more tags than that in it the branch is asked for.
const maxGuesses = 16

// maxWork bounds one dirspace: some tenths of a second.
const maxWork = 5_000_000

// settle finds what try answers in this dirspace. line is what errors point at.
func settle[T comparable](s *space, line int, try func(*trial) T) (T, error) {
	for {
		if s.work > maxWork {
			var none T
			return none, problem.New(problem.BadMap, "%s: it takes too long to find out which workflow and which stack %s is in", s.c.name, shorten(s.dir)).
				WithHint("ask for fewer branches and stacks")
		}
		answer, touched, same := guessAll(s, try)
		if same {
			return answer.value, answer.err
		}
		i := slices.IndexFunc([]int{headBranch, destBranch}, func(i int) bool { return touched[i] != "" && !s.kinds[i].asked })
		if i < 0 {
			var none T
			return none, s.unknown(touched, line)
		}
		s.kinds[i].find(s.c.name)
	}
}

// An answer is what one trial gave.
type answer[T comparable] struct {
	value T
	err   error
}

// guessAll tries whatever the unknown branches may be, until two answers differ. touched are examples of the tags that were
// asked for, by kind.
func guessAll[T comparable](s *space, try func(*trial) T) (first answer[T], touched [2]string, same bool) {
	var start guess
	for i, k := range s.kinds {
		start[i] = k.key
	}
	todo := []guess{start}
	for n := 0; n < len(todo); n++ {
		t := &trial{s: s, guess: todo[n]}
		s.work += 10
		a := answer[T]{value: try(t)}
		a.err = t.err
		for i, keys := range t.touched {
			for _, key := range keys {
				touched[i] = key
				next := todo[n]
				next[i] = key
				if len(todo) <= maxGuesses && !slices.Contains(todo, next) {
					todo = append(todo, next)
				}
			}
		}
		switch {
		case n == 0:
			first = a
		case a.value != first.value || (a.err == nil) != (first.err == nil):
			return first, touched, false
		}
		if len(todo) > maxGuesses {
			return first, touched, false
		}
	}
	return first, touched, true
}

// unknown is the error for a branch that decides and that nobody knows.
func (s *space) unknown(touched [2]string, line int) error {
	for i, k := range s.kinds {
		if touched[i] == "" || k.known {
			continue
		}
		if k.err != nil {
			return k.err
		}
		if i == destBranch {
			return problem.New(problem.NoEnvironment, "%s:%d asks for %s, and it is not known which branch pull requests from here go to",
				s.c.name, line, k.prefix+shorten(touched[i])).WithHint("git remote set-head origin --auto, or export WHICHROLE_DEST_BRANCH=NAME")
		}
		return problem.New(problem.NoEnvironment, "%s:%d asks for %s, and no branch is checked out here: git's HEAD is detached, or there is none",
			s.c.name, line, k.prefix+shorten(touched[i])).WithHint("git switch BRANCH, or say --env NAME")
	}
	panic("terrateam: the answers differ, but no branch was asked for")
}
