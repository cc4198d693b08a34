package modules

import "sync/atomic"

// limits bound what a hostile repository can make us do. The usual ones are far above what people have.
type limits struct {
	dirs      int64 // directories in all
	depth     int   // directories below one another
	listing   int   // entries of one directory
	files     int   // configuration files of one directory
	bytes     int64 // of all files together
	directory int   // bytes of one directory's files that may say something: their trees are held at once
	parsed    int64 // bytes of all that is parsed: a hostile MiB takes a second, others a tenth of it
	rules     int   // lines of .gitignore files that hold in one directory
	effort    int64 // steps in which names are held against these lines, all together; 100 million take about half a second
}

func usual() limits {
	return limits{dirs: 500_000, depth: 100, listing: 200_000, files: 2_000, bytes: 2 << 30, directory: 4 << 20, parsed: 128 << 20, rules: 10_000, effort: 400_000_000}
}

const (
	maxFile    = 1 << 20  // bytes of one file
	smallFile  = 16 << 10 // the parser's time grows with the square of some texts: of these it doesn't matter
	largeFiles = 64 << 10 // of one directory: more is parsed in one directory at a time, for it takes hundreds of megabytes
	maxNotes   = 100
	maxNesting = 250    // brackets in brackets
	maxChain   = 20_000 // operators and directives, which the parser may nest as deeply as they are many
	maxCopies  = 200 << 20
	maxSteps   = 10_000 // of evaluating the values of one directory
	maxValue   = 2_048  // bytes of a value
	maxOwn     = 100
	maxBlocks  = 100 // that may assume roles, of one directory
	maxHops    = 10  // roles in a row
	maxCode    = 20_000
	maxParents = 16 << 20 // bytes of what units include
	maxLabel   = 100      // bytes of a block's name
	maxLines   = 20       // of a block that is shown
	maxText    = 4_096    // bytes of it
)

// spend takes n from what is left, and tells whether there was that much.
func spend(left *atomic.Int64, n int64) bool { return left.Add(-n) >= 0 }
