class Whichrole < Formula
  desc "Picks the AWS role by directory and hands out short-lived credentials"
  homepage "https://github.com/@REPOSITORY@"
  version "@VERSION@"
  license "MIT"

  on_macos do
    on_arm do
      url "@URL@_darwin_arm64.tar.gz"
      sha256 "@darwin_arm64@"
    end
    on_intel do
      url "@URL@_darwin_amd64.tar.gz"
      sha256 "@darwin_amd64@"
    end
  end
  on_linux do
    on_arm do
      url "@URL@_linux_arm64.tar.gz"
      sha256 "@linux_arm64@"
    end
    on_intel do
      url "@URL@_linux_amd64.tar.gz"
      sha256 "@linux_amd64@"
    end
  end

  def install
    bin.install "whichrole"
    man1.install "man/whichrole.1"
    bash_completion.install "completions/whichrole.bash" => "whichrole"
    zsh_completion.install "completions/_whichrole"
    fish_completion.install "completions/whichrole.fish"
  end

  test do
    assert_match "whichrole #{version}", shell_output("#{bin}/whichrole version")
  end
end
