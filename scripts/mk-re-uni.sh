#!/bin/sh
# mk-re-uni.sh - writes lib/policy/re_uni_data.c from the Unicode tables that come with perl
#
# usage: scripts/mk-re-uni.sh > lib/policy/re_uni_data.c
# The tables are runs over all code points: category and length; script and length; case orbits.
set -eu

exec perl -MUnicode::UCD=prop_invmap -e '
use strict;
use warnings;

sub varint {
	my ($n) = @_;
	my @out;
	while ($n > 127) { push @out, ($n & 127) | 128; $n >>= 7; }
	return (@out, $n);
}

sub table {
	my ($name, @bytes) = @_;
	my $line = "";
	print "const uint8_t $name\[\] = {\n";
	for my $b (@bytes) {
		if (length($line) + length("$b,") > 90) { print "\t$line\n"; $line = ""; }
		$line .= "$b,";
	}
	print "\t$line\n};\nconst size_t ${name}_len = sizeof($name);\n\n";
}

# Runs of (index of value, length), neighbours with the same value joined.
sub runs {
	my ($prop) = @_;
	my ($list, $map) = prop_invmap($prop);
	my %seen = map { $_ => 1 } @$map;
	my @names = sort keys %seen;
	my (%index, @runs);
	@index{@names} = 0 .. $#names;
	for my $i (0 .. $#$list) {
		my $end = $i < $#$list ? $list->[$i + 1] : 0x110000;
		last if $list->[$i] > 0x10ffff;
		my $v = $index{$map->[$i]};
		if (@runs && $runs[-1][0] == $v) { $runs[-1][1] += $end - $list->[$i]; }
		else { push @runs, [$v, $end - $list->[$i]]; }
	}
	return (\@names, \@runs);
}

print "/* re_uni_data.c - Unicode ", Unicode::UCD::UnicodeVersion(),
	": categories, scripts and case orbits for regular expressions\n *\n",
	" * Layer: policy.  Input: none.  Memory: constant.  Threads: constant.\n",
	" * Spec: S003 3.10.  Written by scripts/mk-re-uni.sh; do not edit.\n */\n",
	"#include \"policy/re_uni.h\"\n\n";

my ($gc, $gc_runs) = runs("gc");
print "const char re_uni_gc_names[] = \"", join("", @$gc), "\";\n\n";
table("re_uni_gc", map {
	my ($v, $n) = @$_;
	$n < 8 ? ($v << 3 | $n) : ($v << 3, varint($n));
} @$gc_runs);

my ($sc, $sc_runs) = runs("sc");
print "const char re_uni_sc_names[] =\n";
my $line = "";
for my $n (@$sc) {
	if (length($line) + length("$n ") > 84) { print "\t\"$line\"\n"; $line = ""; }
	$line .= "$n ";
}
print "\t\"$line\";\n\n";
table("re_uni_sc", map { ($_->[0], varint($_->[1])) } @$sc_runs);

my ($list, $map) = prop_invmap("Simple_Case_Folding");
my (%orbit, %next, @entries);
my $span = 0;
for my $i (0 .. $#$list) {
	my $end = $i < $#$list ? $list->[$i + 1] : 0x110000;
	next if $map->[$i] == 0;
	for my $c ($list->[$i] .. $end - 1) {
		my $t = $map->[$i] + $c - $list->[$i];
		push @{$orbit{$t}}, $c if $t != $c;
	}
}
for my $k (keys %orbit) {
	my @o = sort { $a <=> $b } ($k, @{$orbit{$k}});
	$next{$o[$_]} = $o[($_ + 1) % @o] for 0 .. $#o;
}
for my $c (sort { $a <=> $b } keys %next) {
	next unless exists $next{$c};
	my $delta = $next{$c} - $c;
	my %n;
	for my $s (1, 2) {
		my $x = $c;
		$x += $s while exists $next{$x + $s} && $next{$x + $s} - $x - $s == $delta;
		$n{$s} = ($x - $c) / $s + 1;
	}
	my $s = $n{2} > $n{1} ? 2 : 1;
	delete $next{$c + $_ * $s} for 0 .. $n{$s} - 1;
	$span = ($n{$s} - 1) * $s if ($n{$s} - 1) * $s > $span;
	push @entries, sprintf("{%d,%d,%d,%d},", $c, $n{$s}, $s, $delta);
}
print "const struct re_uni_fold re_uni_folds[] = {\n";
$line = "";
for my $e (@entries) {
	if (length($line) + length($e) > 90) { print "\t$line\n"; $line = ""; }
	$line .= $e;
}
print "\t$line\n};\nconst size_t re_uni_folds_len = sizeof(re_uni_folds) / sizeof(re_uni_folds[0]);\n";
print "const uint32_t re_uni_folds_span = $span;\n";
'
