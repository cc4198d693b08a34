//go:build linux

package wine

import (
	"path/filepath"
	"strings"
	"testing"
)

// packages are those that touch files, processes or the keyring, with the tests that are left out: they make a symlink,
// or are for systems that have sh, absolute paths without a drive and users with numbers.
var packages = []struct{ dir, skip string }{
	{"audit", "TestNothingIsLostWhileManyWriteAndPutAside"},                                        // Wine 8 appends in two steps, which others come between
	{"awsconfig", "TestSameAsSDK|TestBackupIsPrivateAndBesideTheLink|TestFileThatCannotBeChanged"}, // the first passes, in ten seconds
	{"broker", "TestUserIsTheAccountAndNotTheVariable|TestPersonIsToldOncePerRun"},
	{"child", "TestCmdDoesNotSearchTheWorkingDirectory"}, // Wine 8's cmd does not know the variable
	{"cli", "TestStories|TestAnnotat"},                   // ours are in their place
	{"credcache", "TestListThatCanNotBeReadIsToldAfterTheRest|TestPlacesAreTheDirectoriesThatMetadataNames|" +
		"TestManyAtOnceCostOneCallAlsoWhereNothingIsKept/not_kept"}, // Wine 8 has no Unix sockets, and nothing is handed over
	{"endpoint", "TestBotocore|TestAWSCLI"}, // Python is not there
	{"failures", ""},
	{"federation", ""},
	{"flight", "TestAnotherIDIsAnotherMatter|TestWorkThatIgnoresItsEndIsLeftBehind|" + // they want no word of that in the log
		"TestTimeoutAMomentBeforeTheDeadlineIsOnesOwn"}, // Windows wakes some milliseconds early
	{"gitrepo", ""},
	{"instance", ""},
	{"keystore", ""},
	{"launch", ""},
	{"mapfile", "TestReadPolicy|TestPoliciesThatWereReadAreTold|TestNamedMapInsideTheRepositoryMustStayThere|TestRepositories|" +
		"TestSearchEndsAtHome|TestWhatIsNoMap/(both_names,_one_broken|Terrateam's_directory_leads_out)|" +
		"TestChosen|TestReadBeside/beside_the_link|TestWhatIsNotBeside/(a_device|the_directory_leads|the_file_leads|to_nowhere)|TestBesideAMapKeptElsewhereStaysThere"},
	{"paths", "TestFind|TestReadRegularRefusesWhatIsNoFile|TestReplaceFollowsTheLink|TestReplaceDoesNotWriteThrough"},
	{"modules", "TestSecretsStayWhereTheyAre|TestVeryDeepTree|TestIgnoresAsGitDoes|TestClassesAreThoseOfGit"}, // Wine 8 walks no path that long, and has no git
	{"oidc", ""},
	{"prompt", ""},
	{"process", ""},
	{"source", ""},
	{"sso", "TestATokenFileThatLeadsOutIsNotFollowed|TestARefreshIsWrittenInOneStep|Botocore"}, // there is no Python
	{"terraform", "TestSecretIsNotShownAsAWorkspace"},
	{"transport", ""},
	{"scaffold", "TestSavedMapIsNobodyElsesToWrite|TestRandomRepositoriesOfEachSystem"}, // no file can be called a*b there
	{"trust", ""},
	{"userfile", "TestMistakes|TestRepositoryBringsTheUsersFile/(lead|link)"},
}

// symlinks are the tests that say in their names that they make one: Wine 8 says that it did, and did not.
const symlinks = "(?i)symlink|./(?i)symlink"

func TestOnWindows(t *testing.T) {
	find(t)
	args := []string{"test", "-c"}
	for _, p := range packages {
		args = append(args, "whichrole/internal/"+p.dir)
	}
	built := build(t, args...)
	for _, p := range packages {
		t.Run(p.dir, func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			m.env = append(m.env, "WHICHROLE_TEST_REAL_KEYRING=1")
			skip := strings.TrimPrefix(p.skip+"|"+symlinks, "|") // in this order: the first that begins to match decides
			end := m.run(filepath.Join("..", "..", p.dir), filepath.Join(built, p.dir+".test.exe"), "-test.v", "-test.skip", skip)
			if end.code != 0 || !strings.Contains(end.stdout, "\n--- PASS: ") {
				t.Errorf("exit code %d\n%s%s", end.code, end.stdout, end.stderr)
			}
			const contract = "\n--- PASS: TestContractOnThisSystemsKeyring "
			if p.dir == "keystore" && (!strings.Contains(end.stdout, contract) || !m.hasCredentialManager()) {
				t.Error("the contract was not tried on the Credential Manager")
			}
			if left := m.credentials(); len(left) > 0 {
				t.Errorf("left in the Credential Manager: %v", left)
			}
		})
	}
}
