/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <string.h>

#include <yaml.h>

#include "base/mem.h"
#include "rows.h"

/* What fails once is not tried again: no memory, or a stream that is full. */
struct writer {
	yaml_emitter_t emitter;
	bool good;
};

static void write_rows(
    struct writer *writer, const struct row *mapping, const char *part);

/* Write an event that was made, unless `made` is 0. */
static void
emit(struct writer *writer, yaml_event_t *event, int made)
{
	writer->good = writer->good && made != 0 &&
		       yaml_emitter_emit(&writer->emitter, event) != 0;
}

static void
write_text(struct writer *writer, const char *text)
{
	yaml_event_t event;

	emit(writer, &event,
	    yaml_scalar_event_initialize(&event, NULL, NULL,
		(const yaml_char_t *)text, (int)strlen(text), 1, 1,
		YAML_ANY_SCALAR_STYLE));
}

/* Write a value or a mapping, which may be an item of a list. */
static void
write_item(struct writer *writer, const struct row *row, const char *member)
{
	struct buf text = { 0 };

	if (row->rows != NULL) {
		write_rows(writer, row, member);
		return;
	}
	(void)type_write(row->type, member, &text);
	write_text(writer, buf_text(&text));
	buf_fini(&text);
}

static void
write_list(struct writer *writer, const struct row *row, const char *part)
{
	yaml_event_t event;
	char *item;
	size_t count = row_items(row, part, &item);

	emit(writer, &event,
	    yaml_sequence_start_event_initialize(&event, NULL, NULL, 1,
		row->kind == ROW_LIST ? YAML_FLOW_SEQUENCE_STYLE
				      : YAML_BLOCK_SEQUENCE_STYLE));
	for (size_t i = 0; i < count; i++, item += row_item_size(row))
		write_item(writer, row, item);
	emit(writer, &event, yaml_sequence_end_event_initialize(&event));
}

/*
 * Whether there is anything to write.  A mapping without what its first row
 * requires would be refused.
 */
static bool
row_says(const struct row *row, const char *part)
{
	const char *member = part + row->member;
	struct buf text = { 0 };
	char *items;
	bool says = true;

	if (row->kind == ROW_VALUE)
		says = type_write(row->type, member, &text);
	else if (row->kind == ROW_LIST)
		says = row_items(row, part, &items) > 0;
	else if (row->kind == ROW_PART && row->rows->need == REQUIRED)
		says = row_says(row->rows, member);
	buf_fini(&text);
	return says;
}

static void
write_row(struct writer *writer, const struct row *row, const char *part)
{
	const char *member = part + row->member;

	if (!row_says(row, part))
		return;
	write_text(writer, row->key);
	/* The first row will do where the second has nothing to say. */
	if (row->kind == ROW_EITHER && !row_says(&row->rows[1], member)) {
		row = row->rows;
		member += row->member;
	}
	if (row_is_list(row))
		write_list(writer, row, part);
	else
		write_item(writer, row, member);
}

static void
write_rows(struct writer *writer, const struct row *mapping, const char *part)
{
	yaml_event_t event;

	emit(writer, &event,
	    yaml_mapping_start_event_initialize(
		&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE));
	for (size_t i = 0; i < mapping->row_count; i++)
		write_row(writer, &mapping->rows[i], part);
	emit(writer, &event, yaml_mapping_end_event_initialize(&event));
}

bool
config_write(const struct config *config, FILE *stream)
{
	struct writer writer = { .good = true };
	yaml_event_t event;

	if (!yaml_emitter_initialize(&writer.emitter))
		return false;
	yaml_emitter_set_output_file(&writer.emitter, stream);
	emit(&writer, &event,
	    yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
	emit(&writer, &event,
	    yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
	write_rows(&writer, &config_row, (const char *)config);
	emit(&writer, &event, yaml_document_end_event_initialize(&event, 1));
	emit(&writer, &event, yaml_stream_end_event_initialize(&event));
	yaml_emitter_delete(&writer.emitter);
	return writer.good;
}
