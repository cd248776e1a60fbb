# Net::Statsd through its whole interface. The one argument is the UDP port. Its dice always fall on
# "send", so that a rate of 0.1 counts ten.
use strict;
use warnings;
BEGIN { *CORE::GLOBAL::rand = sub { 0 } }
use Net::Statsd;

$Net::Statsd::HOST = '127.0.0.1';
$Net::Statsd::PORT = $ARGV[0];

Net::Statsd::increment('pl.hits') for 1 .. 200;
Net::Statsd::inc('pl.hits');
Net::Statsd::increment([ 'pl.one', 'pl.two' ]);
Net::Statsd::decrement('pl.hits');
Net::Statsd::dec('pl.hits');
Net::Statsd::update_stats('pl.hits', 5);
Net::Statsd::update_stats([ 'pl.one', 'pl.two' ], 2.5);
Net::Statsd::increment('pl.sampled', 0.1);
Net::Statsd::update_stats('pl.sampled', 3, 0.1);
Net::Statsd::timing('pl.took', 320.7);
Net::Statsd::timing('pl.took', 250);
Net::Statsd::timing('pl.rare', 9, 0.25);
Net::Statsd::gauge('pl.level' => 10, 'pl.other' => 20);
Net::Statsd::gauge('pl.level' => '+3');
# Its own way to a negative gauge: several values of one name in one packet.
Net::Statsd::gauge('pl.below' => 0, 'pl.below' => -18.5);
Net::Statsd::send({ 'pl.raw' => '4|c', 'pl.users' => 'alice|s', 'pl.many' => [ '1|c', '2|c' ] });
Net::Statsd::send({ 'pl.manysampled' => [ '1|c', '2|c' ] }, 0.5);
