/*
 * The hot path of src/ingest written in C: the same pass over the line, the same hash, the same table
 * of spellings in front of records of 32 bytes, the same timers (32 exact values in chunks of 8, then
 * log-linear bins), the same sets. What is read of a new spelling is only what traffic.ts writes, where
 * each metric has one spelling. hot.ts compiles it with gcc -O3 and compares.
 * Usage: hot FILE ENDS METRICS ROUNDS SLICE
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COUNTER, TIMER, GAUGE, SET };
enum { CHUNK = 8, EXACT = 32, COPIES = 16, SHIFT = 13, WINDOW_MIN = 32, WINDOW_MAX = 4096 };
/* Words of a spelling: lengths, metric, generation, meaning, head, tail; then weight, hash. */
enum { LENGTHS, METRIC, GENERATION, MEANING, HEAD };
enum { KIND = 3, WEIGHTED = 4, SAMPLED = 16, PART_MAX = 4095, TAIL_SHIFT = 13 };

typedef struct { int32_t generation, word1; double value[2]; int32_t state[2]; } Record;
typedef struct { int32_t length, first, last, bins; } Cell;
typedef struct { double total, sum, squares, min, max, zeros, spare[2]; } Totals;
typedef struct { double *weights; int32_t low, length; } Bins;
typedef struct { uint32_t hash; int32_t entry; } Slot;
typedef struct { Slot *slots; uint32_t mask, count; } Index;
typedef struct { int32_t set, length, place; } Member;

static Record *records; static int32_t used, capacity = 256;
static uint32_t *words; static uint32_t words_end, words_cap = 1 << 12;
static Index spellings, members;
static Member *entries; static int32_t used_entries, cap_entries = 256;
static uint8_t *arena; static uint32_t arena_end, arena_cap = 1 << 16;
static Cell *cells; static Totals *totals; static int32_t used_cells, cap_cells = 256;
static double *chunks; static int32_t *next_chunk; static int32_t used_chunks, cap_chunks = 256;
static Bins *bins; static int32_t used_bins, cap_bins = 256;
static uint32_t secret = 0x1234567;
static const uint32_t REST[4] = { 0, 0xff, 0xffff, 0xffffff };
static double POWERS[23];
static uint64_t bad;

static inline uint32_t word_at(const uint8_t *p) { uint32_t w; memcpy(&w, p, 4); return w; }
static inline uint32_t mix(uint32_t h, uint32_t w) {
  uint32_t turned = ((w << 16) | (w >> 16)) + secret;
  return ((h ^ w) * 0x2c1b3c6du) ^ (turned * 0x297a2d39u);
}
static inline uint32_t finish(uint32_t h, uint32_t length) {
  h ^= length; h = (h ^ (h >> 16)) * 0x45d9f3bu; return h ^ (h >> 15);
}

static void put(Index *index, uint32_t hash, int32_t entry) {
  uint32_t s = hash & index->mask;
  while (index->slots[s].entry) s = (s + 1) & index->mask;
  index->slots[s] = (Slot){ hash, entry };
}

static void add(Index *index, uint32_t hash, int32_t entry) {
  if (++index->count * 2 > index->mask) {
    Slot *old = index->slots; uint32_t n = old ? index->mask + 1 : 0;
    index->mask = old ? index->mask * 2 + 1 : 511;
    index->slots = calloc(index->mask + 1, sizeof(Slot));
    for (uint32_t i = 0; i < n; i++) if (old[i].entry) put(index, old[i].hash, old[i].entry);
    free(old);
  }
  put(index, hash, entry);
}

static void add_bin(Bins *b, int32_t bin, double weight) {
  int32_t index = bin - b->low;
  if ((uint32_t)index < (uint32_t)b->length) { b->weights[index] += weight; return; }
  int32_t low = bin, high = bin;
  for (int32_t i = 0; i < b->length; i++) if (b->weights[i] != 0) {
    if (b->low + i < low) low = b->low + i;
    if (b->low + i > high) high = b->low + i;
  }
  if (low < high + 1 - WINDOW_MAX) low = high + 1 - WINDOW_MAX;
  int32_t size = WINDOW_MIN;
  while (size < high + 1 - low) size *= 2;
  double *next = calloc(size, sizeof *next);
  low -= (size - (high + 1 - low)) >> 1;
  if (low < 0) low = 0;
  for (int32_t i = 0; i < b->length; i++) if (b->weights[i] != 0) {
    int32_t at = b->low + i - low; next[at < 0 ? 0 : at] += b->weights[i];
  }
  free(b->weights);
  b->weights = next; b->low = low; b->length = size;
  index = bin - low; b->weights[index < 0 ? 0 : index] += weight;
}

static void add_to_bins(int32_t cell, double value, double weight) {
  Totals *t = &totals[cell];
  t->total += weight; t->sum += value * weight; t->squares += value * value * weight;
  if (value < t->min) t->min = value;
  if (value > t->max) t->max = value;
  if (value == 0) { t->zeros += weight; return; }
  uint64_t raw; memcpy(&raw, &value, 8);
  Bins *b = &bins[(cells[cell].bins - 1) * 2 + (value < 0)];
  add_bin(b, (int32_t)((raw >> 32) & 0x7fffffff) >> SHIFT, weight);
}

/* The exact values move into bins. */
static void to_bins(int32_t cell) {
  Cell *c = &cells[cell];
  if (used_bins == cap_bins) { cap_bins *= 2; bins = realloc(bins, cap_bins * 2 * sizeof *bins); }
  memset(&bins[used_bins * 2], 0, 2 * sizeof *bins);
  c->bins = ++used_bins;
  totals[cell] = (Totals){ .min = 1e308 * 10, .max = -1e308 * 10 };
  int32_t chunk = c->first;
  for (int32_t i = 0; i < c->length; i++) {
    add_to_bins(cell, chunks[chunk * CHUNK + (i & (CHUNK - 1))], 1);
    if ((i & (CHUNK - 1)) == CHUNK - 1) chunk = next_chunk[chunk];
  }
  c->length = 0;
}

static void add_value(int32_t cell, double value) {
  Cell *c = &cells[cell];
  if (c->bins == 0 && c->length < EXACT) {
    int32_t within = c->length & (CHUNK - 1);
    if (within == 0) {
      if (used_chunks == cap_chunks) {
        cap_chunks *= 2;
        chunks = realloc(chunks, cap_chunks * CHUNK * sizeof *chunks);
        next_chunk = realloc(next_chunk, cap_chunks * sizeof *next_chunk);
      }
      int32_t chunk = used_chunks++;
      if (c->last < 0) c->first = chunk; else next_chunk[c->last] = chunk;
      c->last = chunk; next_chunk[chunk] = -1;
    }
    chunks[c->last * CHUNK + within] = value;
    c->length++;
    return;
  }
  if (c->bins == 0) to_bins(cell);
  add_to_bins(cell, value, 1);
}
static int32_t take_cell(void) {
  if (used_cells == cap_cells) {
    cap_cells *= 2;
    cells = realloc(cells, cap_cells * sizeof *cells);
    totals = realloc(totals, cap_cells * sizeof *totals);
  }
  cells[used_cells] = (Cell){ 0, -1, -1, 0 };
  return used_cells++;
}

static void add_weighted(int32_t cell, double value, double weight) {
  Cell *c = &cells[cell];
  int32_t copies = (int32_t)(weight + 0.5);
  if (c->bins == 0 && copies == weight && copies <= COPIES && c->length + copies <= EXACT) {
    for (int32_t i = 0; i < copies; i++) add_value(cell, value);
    return;
  }
  if (c->bins == 0) to_bins(cell);
  add_to_bins(cell, value, weight);
}

/* One value of a metric. */
static inline void apply(int32_t id, uint32_t meaning, double value, double weight) {
  Record *r = &records[id];
  int side = 1, epoch = 1, kind = meaning & KIND;
  if (kind == COUNTER) { r->value[side] += value * weight; r->state[side] = epoch; }
  else if (kind == TIMER) {
    r->value[side] += weight;
    if (r->state[side] == -1) { r->state[side] = take_cell(); r->word1 = epoch; }
    if (weight == 1 || !(meaning & WEIGHTED)) add_value(r->state[side], value);
    else add_weighted(r->state[side], value, weight);
  } else { r->value[side] = value; r->state[side] = epoch; }
}

static void add_member(int32_t set, const uint8_t *p, int32_t length) {
  uint32_t hash = secret;
  for (int32_t i = 0; i < (length & ~3); i += 4) hash = mix(hash, word_at(p + i));
  if (length & 3) hash = mix(hash, word_at(p + (length & ~3)) & REST[length & 3]);
  hash = finish(hash, length) ^ (uint32_t)(set + 1) * 0x85ebca6bu;
  records[set].state[1] = 1;
  for (uint32_t s = hash & members.mask; members.slots && members.slots[s].entry; s = (s + 1) & members.mask) {
    if (members.slots[s].hash != hash) continue;
    Member *m = &entries[members.slots[s].entry - 1];
    if (m->set == set && m->length == length && !memcmp(arena + m->place, p, length)) return;
  }
  if (used_entries == cap_entries) entries = realloc(entries, (cap_entries *= 2) * sizeof *entries);
  while (arena_end + length > arena_cap) arena = realloc(arena, arena_cap *= 2);
  memcpy(arena + arena_end, p, length);
  entries[used_entries] = (Member){ set, length, arena_end };
  arena_end += (length + 15) & ~15;
  add(&members, hash, ++used_entries);
}

/* Up to 9 digits with a point among them, and where they end; NULL: something else. */
static inline const uint8_t *decimal(const uint8_t *p, double *value) {
  uint8_t sign = *p;
  if (sign == '-' || sign == '+') p++;
  const uint8_t *start = p;
  int32_t mantissa = 0;
  while ((uint8_t)(*p - '0') <= 9) mantissa = mantissa * 10 + (*p++ - '0');
  int32_t digits = p - start, decimals = 0;
  if (*p == '.') {
    const uint8_t *point = p++;
    while ((uint8_t)(*p - '0') <= 9) mantissa = mantissa * 10 + (*p++ - '0');
    decimals = p - point - 1; digits += decimals;
  }
  if (digits == 0 || digits > 9) return NULL;
  *value = decimals ? mantissa / POWERS[decimals] : mantissa;
  if (sign == '-') *value = -*value;
  return p;
}

static uint32_t rest_of(uint32_t place, uint32_t lengths) {
  return (place + HEAD + ((lengths & PART_MAX) >> 2) + ((lengths >> TAIL_SHIFT & PART_MAX) >> 2) + 3) & ~1u;
}

/* Reads what stands behind the value, `|type|@rate|#tags`, and makes the metric. */
static int32_t learn(const uint8_t *head, const uint8_t *tail, uint32_t lengths, uint32_t hash) {
  uint32_t head_bytes = lengths & PART_MAX, tail_bytes = lengths >> TAIL_SHIFT, meaning;
  const uint8_t *p = tail + 1;
  if (*p == 'c') meaning = COUNTER;
  else if (*p == 'g') meaning = GAUGE;
  else if (*p == 's') meaning = SET;
  else if (*p == 'd' || *p == 'h') meaning = TIMER | WEIGHTED;
  else if (*p == 'm' && p[1] == 's') { meaning = TIMER | WEIGHTED; p++; }
  else return -1;
  double weight = 1;
  if (p[1] == '|' && p[2] == '@') {
    double rate;
    if (!decimal(p + 3, &rate) || rate <= 0) return -1;
    weight = 1 / rate; meaning |= SAMPLED;
  }
  if (used == capacity) { capacity *= 2; records = realloc(records, capacity * sizeof *records); }
  int none = (meaning & KIND) == TIMER ? -1 : 0;
  records[used] = (Record){ 0, 0, { 0, 0 }, { none, none } };
  uint32_t place = words_end, rest = rest_of(place, lengths);
  words_end = (rest + 6) & ~1u;
  while (words_end > words_cap) words = realloc(words, (words_cap *= 2) * 4);
  memset(words + place, 0, (words_end - place) * 4);
  words[place + LENGTHS] = lengths; words[place + METRIC] = used;
  words[place + GENERATION] = 0; words[place + MEANING] = meaning;
  memcpy(words + place + HEAD, head, head_bytes);
  memcpy(words + place + HEAD + (head_bytes >> 2) + 1, tail, tail_bytes);
  memcpy(words + rest, &weight, 8);
  words[rest + 2] = hash;
  add(&spellings, hash, place + 1);
  used++;
  return place;
}

/* One line; the next one's start, or NULL when it is none that traffic.ts writes. */
static const uint8_t *line(const uint8_t *from, const uint8_t *to) {
  uint32_t hash = secret, word, found;
  const uint8_t *p = from;
  for (;; p += 4) {
    if (p >= to) return NULL;
    word = word_at(p);
    uint32_t x = word ^ 0x3a3a3a3au;
    found = (x - 0x01010101u) & ~x & 0x80808080u;
    if (found) break;
    hash = mix(hash, word);
  }
  uint32_t rest = __builtin_ctz(found) >> 3, head_word = word & REST[rest];
  hash = mix(hash, head_word);
  const uint8_t *head_whole = p;
  p += rest + 1;
  const uint8_t *value_from = p;
  double value = 0;
  const uint8_t *end = decimal(p, &value);
  int is_short = end && *end == '|';
  if (!is_short) for (end = p; end < to && *end != '|' && *end != '\n'; ) end++;
  const uint8_t *tail = p = end;
  for (;; p += 4) {
    word = word_at(p);
    uint32_t x = word ^ 0x0a0a0a0au;
    found = (x - 0x01010101u) & ~x & 0x80808080u;
    if (found || p + 4 > to) break;
    hash = mix(hash, word);
  }
  rest = found ? __builtin_ctz(found) >> 3 : 4;
  if (rest > to - p) rest = to - p;
  uint32_t tail_word = word & REST[rest];
  const uint8_t *tail_whole = p, *line_to = p + rest;
  if (value_from - 1 - from > PART_MAX || line_to - tail > PART_MAX) return NULL;
  uint32_t lengths = (uint32_t)(value_from - 1 - from) | (uint32_t)(line_to - tail) << TAIL_SHIFT;
  hash = finish(hash ^ tail_word * 0x2c1b3c6du, lengths);
  int32_t place = -1;
  for (uint32_t s = hash & spellings.mask; spellings.slots; s = (s + 1) & spellings.mask) {
    int32_t entry = spellings.slots[s].entry;
    if (entry == 0) break;
    if (spellings.slots[s].hash != hash) continue;
    const uint32_t *w = words + entry - 1;
    if (w[LENGTHS] != lengths) continue;
    w += HEAD;
    const uint8_t *q = from;
    for (; q < head_whole; q += 4) if (*w++ != word_at(q)) break;
    if (q != head_whole || *w++ != head_word) continue;
    for (q = tail; q < tail_whole; q += 4) if (*w++ != word_at(q)) break;
    if (q != tail_whole || *w != tail_word) continue;
    place = entry - 1;
    break;
  }
  if (place < 0 && (place = learn(from, tail, lengths, hash)) < 0) return NULL;
  int32_t id = words[place + METRIC];
  if (records[id].generation != (int32_t)words[place + GENERATION]) return NULL;
  uint32_t meaning = words[place + MEANING];
  double weight = 1;
  if (meaning & SAMPLED) memcpy(&weight, words + rest_of(place, lengths), 8);
  if ((meaning & KIND) == SET) add_member(id, value_from, tail - value_from);
  else if (is_short) apply(id, meaning, value, weight);
  else for (p = value_from; p < tail; p = end + 1) {
    end = decimal(p, &value);
    if (!end || (*end != ':' && *end != '|')) return NULL;
    apply(id, meaning, value, weight);
  }
  return line_to < to ? line_to + 1 : line_to;
}

static void packet(const uint8_t *from, const uint8_t *to) {
  while (from < to) {
    const uint8_t *next = line(from, to);
    if (next) { from = next; continue; }
    bad++;
    while (from < to && *from++ != '\n') {}
  }
}

static double cpu_seconds(void) {
  struct timespec t; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static uint8_t *read_all(const char *path, long *size) {
  FILE *f = fopen(path, "rb");
  if (!f) { perror(path); exit(1); }
  fseek(f, 0, SEEK_END); *size = ftell(f); rewind(f);
  uint8_t *bytes = calloc(*size + 64, 1);
  if (fread(bytes, 1, *size, f) != (size_t)*size) exit(1);
  fclose(f);
  return bytes;
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  long size, ends_size;
  uint8_t *bytes = read_all(argv[1], &size);
  uint32_t *ends = (uint32_t *)read_all(argv[2], &ends_size);
  long packets = ends_size / 4, slice = atol(argv[5]);
  double metrics = atof(argv[3]) / packets;
  for (int i = 0; i < 23; i++) { char text[8]; snprintf(text, 8, "1e%d", i); POWERS[i] = atof(text); }
  records = malloc(capacity * sizeof *records); words = malloc(words_cap * 4);
  entries = malloc(cap_entries * sizeof *entries); arena = malloc(arena_cap);
  cells = malloc(cap_cells * sizeof *cells); totals = malloc(cap_cells * sizeof *totals);
  chunks = malloc(cap_chunks * CHUNK * 8); next_chunk = malloc(cap_chunks * 4);
  bins = malloc(cap_bins * 2 * sizeof *bins);
  double best = 1e9;
  for (int round = 0; round < atoi(argv[4]); round++) {
    uint32_t from = 0;
    for (long i = 0; i < packets;) {
      long first = i, stop = i + slice < packets ? i + slice : packets;
      double started = cpu_seconds();
      for (; i < stop; i++) { packet(bytes + from, bytes + ends[i]); from = ends[i]; }
      double ns = (cpu_seconds() - started) * 1e9 / ((i - first) * metrics);
      if (i - first == slice && ns < best) best = ns;
    }
  }
  double sum = 0;
  for (uint32_t i = 0; spellings.slots && i <= spellings.mask; i++) {
    int32_t place = spellings.slots[i].entry - 1;
    if (place >= 0 && (words[place + MEANING] & KIND) == COUNTER) sum += records[words[place + METRIC]].value[1];
  }
  printf("{\"ns\":%.2f,\"bad\":%llu,\"sum\":%.17g}\n", best, (unsigned long long)bad, sum);
  return 0;
}
