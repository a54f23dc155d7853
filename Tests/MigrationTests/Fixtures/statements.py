"""Reads a JSON array of SQL statements and prints what PostgreSQL's own parser (pglast) says of each, one line each.

A line is the kind of statement, the tables it names and, of an ALTER TABLE or CREATE TABLE, its parts; `-` for a kind
that the linter does not look at.
"""
import json
import sys

from pglast import ast, enums, parse_sql


def dotted(relation):
    parts = [relation.catalogname, relation.schemaname, relation.relname]
    return ".".join(p for p in parts if p)


def names(objects):
    return " ".join(".".join(part.sval for part in item) for item in objects)


ACTIONS = {
    "AT_AddColumn": lambda c: f"add {c.def_.colname}",
    "AT_AddConstraint": lambda c: f"constraint {c.def_.conname or ''}",
    "AT_ValidateConstraint": lambda c: f"validate {c.name}",
    "AT_DropColumn": lambda c: f"drop {c.name}",
    "AT_DropConstraint": lambda c: f"drop-constraint {c.name}",
    "AT_SetNotNull": lambda c: f"not-null {c.name}",
    "AT_AlterColumnType": lambda c: f"type {c.name}",
    "AT_SetTableSpace": lambda c: "storage",
    "AT_SetLogged": lambda c: "storage",
    "AT_SetUnLogged": lambda c: "storage",
    "AT_SetAccessMethod": lambda c: "storage",
    "AT_DisableTrig": lambda c: "disable-trigger",
    "AT_DisableTrigAll": lambda c: "disable-trigger",
    "AT_DisableTrigUser": lambda c: "disable-trigger",
    "AT_DisableRowSecurity": lambda c: "disable-rls",
    "AT_DetachPartition": lambda c: "detach",
}
DROPS = {
    "OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE", "OBJECT_SEQUENCE",
}


def concurrently(params):
    return any(p.defname == "concurrently" for p in params or [])


def line(node):
    match node:
        case ast.CreateStmt():
            elements = node.tableElts or ()
            columns = [e.colname for e in elements if isinstance(e, ast.ColumnDef)] if not node.ofTypename else []
            return f"CreateStmt {dotted(node.relation)} ({','.join(columns)})"
        case ast.CreateTableAsStmt():
            return f"CreateTableAsStmt {dotted(node.into.rel)}"
        case ast.IndexStmt():
            return f"IndexStmt {dotted(node.relation)} {'concurrently' if node.concurrent else ''}"
        case ast.AlterTableStmt() if node.objtype == enums.ObjectType.OBJECT_TABLE:
            commands = [ACTIONS.get(c.subtype.name, lambda c: "-")(c).strip() for c in node.cmds]
            return f"AlterTableStmt {dotted(node.relation)} ({','.join(commands)})"
        case ast.RenameStmt() if node.renameType == enums.ObjectType.OBJECT_TABLE:
            return f"RenameTable {dotted(node.relation)} {node.newname}"
        case ast.RenameStmt() if node.renameType == enums.ObjectType.OBJECT_COLUMN:
            return f"RenameColumn {dotted(node.relation)} {node.subname} {node.newname}"
        case ast.AlterObjectSchemaStmt() if node.objectType == enums.ObjectType.OBJECT_TABLE:
            return f"SetSchema {dotted(node.relation)} {node.newschema}"
        case ast.AlterEnumStmt() if node.newVal and not node.oldVal:
            return f"AlterEnumStmt {'.'.join(p.sval for p in node.typeName)} {node.newVal}"
        case ast.DropStmt():
            cascade = "cascade" if node.behavior == enums.DropBehavior.DROP_CASCADE else ""
            listed = names(node.objects) if node.removeType.name in DROPS else ""
            return f"DropStmt {listed} {'concurrently' if node.concurrent else ''} {cascade}"
        case ast.ReindexStmt():
            return f"ReindexStmt {dotted(node.relation) if node.relation else node.name or ''} " + (
                "concurrently" if concurrently(node.params) else "")
        case ast.TruncateStmt():
            return f"TruncateStmt {' '.join(dotted(r) for r in node.relations)}"
        case ast.VacuumStmt() if node.is_vacuumcmd:
            return f"VacuumStmt {' '.join(dotted(r.relation) for r in node.rels or ())}"
        case ast.LockStmt():
            return f"LockStmt {' '.join(dotted(r) for r in node.relations)}"
        case ast.RefreshMatViewStmt() if not node.skipData:
            return f"RefreshMatViewStmt {dotted(node.relation)} {'concurrently' if node.concurrent else ''}"
        case ast.UpdateStmt() | ast.DeleteStmt():
            where = "where" if node.whereClause else ""
            return f"{type(node).__name__} {dotted(node.relation)} {where}"
        case ast.InsertStmt():
            return f"InsertStmt {dotted(node.relation)}"
        case ast.VariableSetStmt() if node.name != "timezone":
            return f"VariableSetStmt {(node.name or '').split('.')[-1]}"
        case ast.CreateTrigStmt():
            return f"CreateTrigStmt {node.trigname} {dotted(node.relation)}"
        case ast.CommentStmt():
            return "CommentStmt"
        case _:
            return "-"


for statement in json.load(sys.stdin):
    (raw,) = parse_sql(statement)
    print(" ".join(line(raw.stmt).split()))
