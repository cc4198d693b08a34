// Command empty does nothing: the yardstick of scripts/bench.sh.
package main

func main() {}
