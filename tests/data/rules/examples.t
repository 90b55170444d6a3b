# Verdicts of the examples (config/rules.d/examples): S003 7.9. Form: tests/rules_table.h.

=== package-registries.yaml
??? agent.name=builder dns.query=npm.registry.example dns.record_type=A => allow allow-builder-npm
??? agent.name=builder-7 http.host=npm-files.registry.example http.method=CONNECT network.port=443 => allow allow-builder-npm
??? agent.name=builder http.host=npm.registry.example http.method=CONNECT network.port=8443 => block -
??? agent.name=builder http.host=npm.registry.example http.method=GET network.port=80 => block -
??? agent.name=builder http.host=npm.registry.example.evil.org http.method=CONNECT network.port=443 => block -
??? agent.name=other dns.query=npm.registry.example => block -
??? agent.name=builders dns.query=npm.registry.example => block -
??? agent.name=builder dns.query=pypi-files.registry.example => allow allow-builder-pypi
??? agent.name=builder http.host=pypi.registry.example http.method=CONNECT network.port=443 => allow allow-builder-pypi
??? agent.name=builder http.host=pypi.registry.example http.method=POST network.port=80 => block deny-builder-publish
??? agent.name=other http.host=pypi.registry.example http.method=POST network.port=80 => block -
??? agent.name=builder dns.query=crates-index.registry.example => allow allow-builder-crates
??? agent.name=builder http.host=crates-files.registry.example http.method=CONNECT network.port=443 => allow allow-builder-crates
??? agent.name=builder http.host=crates-files.registry.example http.method=PUT network.port=443 => block deny-builder-publish
??? agent.name=builder dns.query=evilcrates-index.registry.example => block -
??? agent.name=builder dns.query=go-proxy.registry.example => allow allow-builder-go
??? agent.name=builder http.host=go-sums.registry.example http.method=CONNECT network.port=443 => allow allow-builder-go
??? http.host=go-sums.registry.example http.method=CONNECT network.port=443 => block -
??? agent.name=builder dns.query=deb.mirror.example => allow allow-builder-distribution-mirrors
??? agent.name=builder dns.query=ftp.fr.deb.mirror.example => allow allow-builder-distribution-mirrors
??? agent.name=builder http.host=fr.deb.mirror.example http.method=GET network.port=80 => allow allow-builder-distribution-mirrors
??? agent.name=builder http.host=evildeb.mirror.example http.method=GET network.port=80 => block -
??? agent.name=builder http.host=ubuntu.mirror.example http.method=GET network.port=80 => allow allow-builder-distribution-mirrors
??? agent.name=builder dns.query=de.ubuntu.mirror.example => allow allow-builder-distribution-mirrors
??? agent.name=builder dns.query=evilubuntu.mirror.example => block -
??? agent.name=builder dns.query=ubuntu.mirror.example.evil.org => block -
??? agent.name=builder dns.query=ubuntuxmirror.example => block -
??? agent.name=builder http.host=ubuntu.mirror.example http.method=GET network.port=8080 => block -
??? agent.name=builder http.host=elsewhere.example http.method=GET network.port=443 => block -

=== github-read-only.yaml
??? agent.name=reader dns.query=codeload.github.com dns.record_type=AAAA => allow allow-reader-downloads
??? agent.name=reader http.host=codeload.github.com http.method=CONNECT network.port=443 => allow allow-reader-downloads
??? agent.name=reader-2 http.host=raw.githubusercontent.com http.method=CONNECT network.port=443 => allow allow-reader-downloads
??? agent.name=reader http.host=raw.githubusercontent.com http.method=GET network.port=80 => block -
??? agent.name=reader http.host=raw.githubusercontent.com http.method=CONNECT network.port=22 => block -
??? agent.name=reader dns.query=evilraw.githubusercontent.com => block -
??? agent.name=reader dns.query=raw.evilgithubusercontent.com => block -
??? agent.name=reader dns.query=github.com => block -
??? agent.name=reader http.host=github.com http.method=CONNECT http.path=/ network.port=443 => block -
??? agent.name=reader http.host=api.github.com http.method=CONNECT network.port=443 => block -
??? agent.name=reader http.host=github.com http.method=POST http.path=/o/r.git/git-receive-pack network.port=443 => block deny-reader-push
??? agent.name=reader http.host=github.com http.method=GET http.path=/o/r.git/info/refs?service=git-receive-pack network.port=443 => block deny-reader-push
??? agent.name=reader http.host=github.com http.method=GET http.path=/o/r.git/info/refs?service=git-upload-pack network.port=443 => block -
??? agent.name=other http.host=github.com http.method=POST http.path=/o/r.git/git-receive-pack network.port=443 => block -
??? agent.name=reader dns.query=ssh.github.com => block deny-reader-ssh
??? agent.name=reader http.host=ssh.github.com http.method=CONNECT network.port=443 => block deny-reader-ssh
??? agent.name=other dns.query=ssh.github.com => block -
??? agent.name=other dns.query=codeload.github.com => block -

=== github-read-write.yaml
??? agent.name=coder dns.query=github.com => allow allow-coder-github
??? agent.name=coder http.host=github.com http.method=CONNECT http.path=/ http.scheme=https network.port=443 => allow allow-coder-github
??? agent.name=coder-a http.host=api.github.com http.method=CONNECT http.scheme=https network.port=443 => allow allow-coder-github
??? agent.name=coder dns.query=objects.githubusercontent.com => allow allow-coder-github
??? agent.name=coder http.host=objects.githubusercontent.com http.method=CONNECT http.scheme=https network.port=443 => allow allow-coder-github
??? agent.name=coder dns.query=evilgithubusercontent.com => block -
??? agent.name=coder dns.query=evilgithub.com => block -
??? agent.name=coder dns.query=github.com.evil.org => block -
??? agent.name=coder http.host=github.com http.method=CONNECT http.scheme=https network.port=22 => block -
??? agent.name=coder http.host=github.com http.method=GET http.scheme=http network.port=80 => block deny-coder-plain-http
??? agent.name=coder http.host=objects.githubusercontent.com http.method=GET http.scheme=http network.port=80 => block deny-coder-plain-http
??? agent.name=other http.host=github.com http.method=GET http.scheme=http network.port=80 => block -
??? agent.name=coder dns.query=ssh.github.com => block deny-coder-ssh
??? agent.name=coder http.host=ssh.github.com http.method=CONNECT http.scheme=https network.port=443 => block deny-coder-ssh
??? agent.name=coder http.host=github.com http.method=POST http.path=/example-org/r.git/git-receive-pack http.scheme=https network.port=443 => allow allow-coder-github
??? agent.name=coder http.host=github.com http.method=POST http.path=/evil-org/r.git/git-receive-pack http.scheme=https network.port=443 => block deny-coder-foreign-push
??? agent.name=coder http.host=github.com http.method=POST http.path=/example-org-evil/r.git/git-receive-pack http.scheme=https network.port=443 => block deny-coder-foreign-push
??? agent.name=coder http.host=github.com http.method=POST http.path=/evil-org/r.git/git-upload-pack http.scheme=https network.port=443 => allow allow-coder-github
??? agent.name=other dns.query=github.com => block -

=== model-providers.yaml
??? agent.name=assistant dns.query=api.anthropic.com => allow allow-assistant-providers
??? agent.name=assistant http.host=api.openai.com http.method=CONNECT http.scheme=https network.port=443 => allow allow-assistant-providers
??? agent.name=assistant-1 http.host=example-org.openai.azure.com http.method=CONNECT http.scheme=https network.port=443 => allow allow-assistant-providers
??? agent.name=assistant http.host=evil-org.openai.azure.com http.method=CONNECT http.scheme=https network.port=443 => block -
??? agent.name=assistant dns.query=storage.googleapis.com => block -
??? agent.name=assistant dns.query=evilapi.openai.com => block -
??? agent.name=assistant dns.query=api.evilopenai.com => block -
??? agent.name=assistant http.host=api.openai.com http.method=POST http.scheme=http network.port=80 => block deny-assistant-plain-http
??? agent.name=assistant http.host=api.openai.com http.method=CONNECT http.scheme=https network.port=8443 => block -
??? agent.name=other http.host=api.openai.com http.method=POST http.scheme=http network.port=80 => block -
??? agent.name=other dns.query=api.openai.com => block -
??? agent.name=assistant dns.query=models.example.net => allow allow-assistant-own-models
??? agent.name=assistant http.host=gpu1.models.example.net http.method=CONNECT http.scheme=https network.port=8443 => allow allow-assistant-own-models
??? agent.name=assistant dns.query=evilmodels.example.net => block -
??? agent.name=assistant http.host=models.example.net http.method=POST http.scheme=http network.port=80 => block deny-assistant-plain-http
??? agent.name=other dns.query=models.example.net => block -

=== locked-agent.yaml
??? agent.name=locked dns.query=docs.example.org dns.record_type=A => allow allow-locked-docs
??? agent.name=locked http.host=docs.example.com http.method=CONNECT http.scheme=https network.port=443 => allow allow-locked-docs
??? agent.name=locked http.host=docs.example.com http.method=GET http.scheme=http network.port=80 => allow allow-locked-docs
??? agent.name=locked http.host=docs.example.com http.method=POST http.scheme=http network.port=80 => block deny-locked-plain-writes
??? agent.name=locked http.host=docs.example.com http.method=CONNECT http.scheme=https network.port=8443 => block deny-locked-odd-ports
??? agent.name=locked network.ip=10.0.0.1 network.port=22 => block deny-locked-private-networks
??? agent.name=locked network.ip=172.31.0.1 http.host=172.31.0.1 network.port=443 => block deny-locked-private-networks
??? agent.name=locked network.ip=172.32.0.1 http.host=172.32.0.1 network.port=443 => block deny-locked-rest
??? agent.name=locked network.ip=169.254.169.254 network.port=80 => block deny-locked-private-networks
??? agent.name=locked network.ip=fd00::1 network.port=443 => block deny-locked-private-networks
??? agent.name=locked network.ip=2001:db8::1 network.port=443 => block deny-locked-rest
??? agent.name=locked-9 dns.query=evildocs.example.org => block deny-locked-rest
??? agent.name=locked dns.query=docs.example.org.evil.net => block deny-locked-rest
??? agent.name=locked run.tool=git => block deny-locked-rest
??? agent.name=lockedout dns.query=docs.example.org => block -
??? agent.name=other network.ip=10.0.0.1 network.port=443 => block -
??? agent.name=other dns.query=docs.example.org => block -
